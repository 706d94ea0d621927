import type { Model } from '@anthology/catalog'

import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { UpstreamErrorRule } from '../routing/upstream-error.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { RetryBudget } from '../routing/retry-budget.ts'
import type { AttemptResult } from './attempt.ts'
import type { Call } from './call.ts'
import { hasThinking, rejectsThinking, withoutThinking } from './foreign-thinking.ts'

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
  readonly #call: Call
  readonly #rest: PlannedAttempt[]
  readonly #retries: RetryBudget
  #isRepeated = false
  #isRetried = false

  constructor(plan: Plan, call: Call, retries: RetryBudget) {
    const [first, ...rest] = plan.attempts
    this.#plan = plan
    this.#call = call
    this.#rest = rest
    this.#retries = retries
    this.first = first === undefined ? null : this.#open(first)
  }

  /** Another upstream is left that could be asked. */
  get canMove(): boolean {
    return this.#rest.length > 0
  }

  /** The attempt after one with this result; null: the result is final. */
  next(turn: Turn, { finish, ...result }: AttemptResult): Turn | null {
    if (
      finish.kind === 'api_error' &&
      finish.failure.mayRepeat === true &&
      !turn.isRepeat &&
      !this.#isRepeated
    ) {
      this.#isRepeated = true
      return { ...turn, isRepeat: true }
    }
    const { mayMove, mayRetry, needsLargerWindow = false } = readRule(finish)
    const moved = mayMove ? this.#takeNext(needsLargerWindow ? turn.planned.model : null) : undefined
    // The next upstream may be the one that issued what this one has not accepted.
    if (moved !== undefined) return this.#open(moved)
    if (mayRetry && !this.#isRetried && this.#retries.enter()) {
      this.#isRetried = true
      return { ...turn, isRepeat: false }
    }
    return rejectsThinking({ finish, ...result }) ? this.#leaveThinkingOut(turn) : null
  }

  /** `tooSmall`: a model whose window is too small for the prompt, as are those of the places that are passed over. */
  #takeNext(tooSmall: Model | null): PlannedAttempt | undefined {
    const least = tooSmall?.contextWindow.tokens ?? -1
    const at = this.#rest.findIndex(({ model }) => model.contextWindow.tokens > least)
    return at === -1 ? undefined : this.#rest.splice(0, at + 1).at(-1)
  }

  /** The attempt in place of one that was not made, because too many calls wait for its upstream. */
  skip({ planned }: Turn): Turn | null {
    const moved = this.#rest.shift()
    if (moved === undefined) return null
    const turn = this.#open(moved)
    const notice = `upstream ${planned.account.name} was not asked, because too many calls wait for it`
    return { ...turn, notices: [...turn.notices, notice] }
  }

  /**
   * An upstream that rejects a signature has not issued it, and accepts the conversation without it. The blocks that it
   * issued itself stay, if it is known where they begin; all are left out if it rejects one of them as well.
   *
   * The issuer of a block is not always known, such as after a restart, so the rejection alone counts. The
   * signatures of a client that invents or changes them are left out as well, with the same notice. Only a call that has
   * a single place gets the error as it is: nothing could have moved.
   */
  #leaveThinkingOut({ planned, call }: Turn): Turn | null {
    const { last, attempts, excluded } = this.#plan
    if (attempts.length + excluded.length < 2 || !hasThinking(call)) return null
    const { account, model } = planned
    const isLast = last?.upstream === account.name && last.model === model.id
    const count = isLast && call === this.#call ? last.foreignMessages : 0
    const stripped = withoutThinking(this.#call, count) ?? withoutThinking(this.#call)
    if (stripped === null) return null
    const turn = this.#open(planned, stripped)
    const issuer =
      last === null || last.upstream === account.name ? 'other places' : `upstream ${last.upstream}`
    const notice = `the thinking of ${issuer} was left out, because ${account.name} does not accept it`
    const off =
      stripped.isThinkingOff === true
        ? ['the answer is without thinking, because its turn has begun elsewhere']
        : []
    return { ...turn, notices: [...turn.notices, notice, ...off] }
  }

  #open(planned: PlannedAttempt, call = this.#call): Turn {
    const { model } = this.#plan
    const { account, model: served } = planned
    const notices = [...planned.notices]
    // The notices are also those of an error, so they do not say that the model has answered.
    if (account.foreign?.models.has(served.id) === true && served.id !== model.id)
      notices.push(`${served.id} of upstream ${account.name} was asked in place of ${model.id}`)
    else if (served.id !== model.id)
      notices.push(`${served.id} was asked, because no upstream can serve ${model.id} now`)
    notices.push(...describeMove(this.#plan, account.name, call))
    return { planned, call, isRepeat: false, notices }
  }
}

/**
 * What a conversation may lose at an upstream. Thinking is never moved silently: where another account drops it without
 * an error, nothing in the answer says so.
 */
function describeMove({ conversation, last }: Plan, upstream: string, call: Call): readonly string[] {
  if (last?.upstream === upstream || conversation === '' || !call.billable) return []
  const notices: string[] = []
  if (last?.isWarm === true && last.cache.tokens > 0)
    notices.push(
      `the conversation moved from upstream ${last.upstream} to ${upstream}, where its prompt cache is cold`,
    )
  if (hasThinking(call))
    notices.push(
      last === null
        ? `it is not known which upstream issued the thinking of the conversation, and ${upstream} may not read it`
        : `the thinking of the conversation comes from upstream ${last.upstream}, and ${upstream} may not read it`,
    )
  return notices
}

type NextRule = Pick<UpstreamErrorRule, 'mayMove' | 'mayRetry' | 'needsLargerWindow'>

/** Whether another upstream, or the same one once more, may be asked after a result. */
function readRule(finish: AttemptResult['finish']): NextRule {
  if (finish.kind === 'api_error')
    return { mayMove: finish.failure.mayMove, mayRetry: finish.failure.kind === 'unreachable' }
  return finish.kind === 'complete' && finish.error !== null ? upstreamErrorRules[finish.error] : final
}

const final = { mayMove: false, mayRetry: false } as const
