import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { RetryBudget } from '../routing/retry-budget.ts'
import type { AttemptResult } from './attempt.ts'
import type { Call } from './call.ts'
import { rejectsThinking, withoutThinking } from './foreign-thinking.ts'

/** One attempt of a sequence. */
export interface Turn {
  readonly planned: PlannedAttempt
  /** The call, perhaps without the thinking that another upstream issued. */
  readonly call: Call
  /** The attempt before this one failed because its connection was stale. */
  readonly isRepeat: boolean
  /** What the client is told about the place of its answer, besides the headers. */
  readonly notices: readonly string[]
}

/** Decides what follows each attempt of a call. Every kind of second try happens at most once. */
export class AttemptSequence {
  readonly first: Turn | null
  readonly #plan: Plan
  readonly #rest: PlannedAttempt[]
  readonly #retries: RetryBudget
  #isRepeated = false
  #isRetried = false
  #isStripped = false

  constructor(plan: Plan, call: Call, retries: RetryBudget) {
    const [first, ...rest] = plan.attempts
    this.#plan = plan
    this.#rest = rest
    this.#retries = retries
    this.first = first === undefined ? null : this.#open(first, call)
  }

  /** Another upstream is left that could be asked. */
  get canMove(): boolean {
    return this.#rest.length > 0
  }

  /** The attempt after one with this result; null: the result is final. */
  next({ planned, call, isRepeat }: Turn, { finish, ...result }: AttemptResult): Turn | null {
    if (finish.kind === 'api_error' && finish.failure.mayRepeat === true && !isRepeat && !this.#isRepeated) {
      this.#isRepeated = true
      return { ...this.#open(planned, call), isRepeat: true }
    }
    const { mayMove, mayRetry } = readRule(finish)
    const moved = mayMove ? this.#rest.shift() : undefined
    if (moved !== undefined) return this.#open(moved, call)
    if (mayRetry && !this.#isRetried && this.#retries.enter()) {
      this.#isRetried = true
      return this.#open(planned, call)
    }
    return rejectsThinking({ finish, ...result }) ? this.#strip(planned, call) : null
  }

  /**
   * A conversation that comes from another upstream may carry thinking that only that one accepts. A signature that the
   * same upstream rejects is the client's fault, and stays an error.
   */
  #strip(planned: PlannedAttempt, call: Call): Turn | null {
    const { lastUpstream } = this.#plan
    const { name } = planned.account
    if (this.#isStripped || lastUpstream === null || lastUpstream === name) return null
    const stripped = withoutThinking(call)
    if (stripped === null) return null
    this.#isStripped = true
    const turn = this.#open(planned, stripped)
    const notice = `the thinking of upstream ${lastUpstream} was left out, because ${name} does not accept it`
    return { ...turn, notices: [...turn.notices, notice] }
  }

  #open(planned: PlannedAttempt, call: Call): Turn {
    const { model, warmUpstream } = this.#plan
    const { account, model: served } = planned
    const notices = [...planned.notices]
    if (account.foreign?.models.has(served.id) === true && served.id !== model.id)
      notices.push(`answered by ${served.id} of upstream ${account.name} in place of ${model.id}`)
    else if (served.id !== model.id)
      notices.push(`answered by ${served.id}, because no upstream can serve ${model.id} now`)
    if (warmUpstream !== null && warmUpstream !== account.name)
      notices.push(
        `the conversation moved from upstream ${warmUpstream} to ${account.name}, where its prompt cache is cold`,
      )
    return { planned, call, isRepeat: false, notices }
  }
}

/** Whether another upstream, or the same one once more, may be asked after a result. */
function readRule(finish: AttemptResult['finish']): {
  readonly mayMove: boolean
  readonly mayRetry: boolean
} {
  if (finish.kind === 'api_error')
    return { mayMove: finish.failure.mayMove, mayRetry: finish.failure.kind === 'unreachable' }
  return finish.kind === 'complete' && finish.error !== null ? upstreamErrorRules[finish.error] : final
}

const final = { mayMove: false, mayRetry: false } as const
