import type { UsageFields } from '@anthology/wire'

import type { BlockTags } from '../ledger/block-tags.ts'
import { printDetails } from '../ledger/call-details.ts'
import type { Call } from './call.ts'
import type { TagBlocks } from './tag-blocks.ts'

/** Collects the column `details` of a call's row while the call runs. */
export class CallNotes {
  readonly #call: Call
  readonly #tagBlocks: TagBlocks
  #blocks: BlockTags | null = null
  #isSent = false

  constructor(call: Call, tagBlocks: TagBlocks) {
    this.#call = call
    this.#tagBlocks = tagBlocks
  }

  /** The request is on its way. The upstream works now, so tagging the blocks delays no answer. */
  noteSent(): void {
    if (this.#isSent || !this.#call.billable) return
    this.#isSent = true
    this.#blocks = this.#tagBlocks(this.#call, false)
  }

  /** `usage`: that of the answer; null without one. */
  print(usage: UsageFields | null): string | null {
    const blocks = this.#blocks ?? (readsCache(usage) ? this.#tagBlocks(this.#call, true) : null)
    return printDetails({ blocks })
  }
}

/** Some upstreams cache without a breakpoint. */
function readsCache(usage: UsageFields | null): boolean {
  const count = (name: string) => Number(usage?.[name] ?? 0)
  return count('cache_read_input_tokens') > 0 || count('cache_creation_input_tokens') > 0
}
