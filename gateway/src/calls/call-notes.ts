import type { UsageFields } from '@anthology/wire'

import type { BlockTags } from '../ledger/block-tags.ts'
import { printDetails } from '../ledger/call-details.ts'
import type { EndDetails } from '../ledger/call-details.ts'
import type { StoredAttempt, StoredChoice, StoredPlan } from '../ledger/stored-plan.ts'
import type { Plan } from '../routing/plan.ts'
import type { Call } from './call.ts'
import type { TagBlocks } from './tag-blocks.ts'

/** Collects the column `details` of a call's row while the call runs. */
export class CallNotes {
  readonly #call: Call
  readonly #plan: Plan
  readonly #tagBlocks: TagBlocks
  readonly #attempts: StoredAttempt[] = []
  #blocks: BlockTags | null = null
  #isSent = false

  constructor(call: Call, plan: Plan, tagBlocks: TagBlocks) {
    this.#call = call
    this.#plan = plan
    this.#tagBlocks = tagBlocks
  }

  /** The request is on its way. The upstream works now, so tagging the blocks delays no answer. */
  noteSent(): void {
    if (this.#isSent || !this.#call.billable) return
    this.#isSent = true
    this.#blocks = this.#tagBlocks(this.#call, false)
  }

  noteAttempt(attempt: StoredAttempt): void {
    this.#attempts.push(attempt)
  }

  /** `usage`: that of the answer; null without one. */
  print(usage: UsageFields | null, end: EndDetails): string | null {
    if (!this.#call.billable) return null
    const blocks = this.#blocks ?? (readsCache(usage) ? this.#tagBlocks(this.#call, true) : null)
    const request = this.#call.clientHeaders
    return printDetails({ blocks, plan: this.#describePlan(), request, ...end })
  }

  #describePlan(): StoredPlan | null {
    const { model, attempts, excluded } = this.#plan
    if (attempts.length < 2 && excluded.length === 0 && this.#attempts.length < 2) return null
    const choose = (upstream: string, because: string, served: string): StoredChoice => ({
      upstream,
      because,
      model: served === model.id ? null : served,
    })
    return {
      ranked: attempts.map((one) => choose(one.account.name, one.because, one.model.id)),
      excluded: excluded.map((one) => choose(one.upstream, one.because, one.model)),
      attempts: this.#attempts,
      omitted: 0,
    }
  }
}

/** Some upstreams cache without a breakpoint. */
function readsCache(usage: UsageFields | null): boolean {
  const count = (name: string) => Number(usage?.[name] ?? 0)
  return count('cache_read_input_tokens') > 0 || count('cache_creation_input_tokens') > 0
}
