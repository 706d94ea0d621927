import { dayOf } from './day.ts'
import type { LifecycleMode } from './lifecycle.ts'
import { factsDay } from './lifecycle.ts'
import { findLifecycle } from './lifecycle-finding.ts'
import type { Model } from './model.ts'
import { rules } from './rules.ts'

/** What is known of a request; a member that is missing was not sent or is not known, and rules on it stay silent. */
export type RequestFacts = {
  readonly max_tokens?: number | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly top_k?: number | undefined
  readonly thinking_type?: string | undefined
  readonly budget_tokens?: number | undefined
  readonly has_tools?: boolean | undefined
  readonly tool_choice_type?: string | undefined
  /** The values of `anthropic-beta`, or of the body's `anthropic_beta`. */
  readonly betas?: readonly string[] | undefined
  /** The whole prompt, cached tokens included. */
  readonly input_tokens?: number | undefined
  /** The value of `anthropic-version`. */
  readonly api_version?: string | undefined
  readonly stream?: boolean | undefined
  /** The last message is the assistant's and does not begin with a thinking block. */
  readonly prefill?: boolean | undefined
  /** Where the last message stands in `messages`, from 0; only texts use it. */
  readonly last_message_index?: number | undefined
}

export type Finding = {
  readonly code: string
  /** An `error` is refused by the API, a `notice` is served. */
  readonly severity: 'error' | 'notice'
  /** The HTTP status of the answer; 200 for a notice. */
  readonly status: number
  /** The wire's error type; `notice` for a notice. */
  readonly type: string
  /** For an error the API's own text. */
  readonly message: string
  /** What to do, in one sentence. */
  readonly hint: string
  readonly path: string | null
}

export type CheckOptions = {
  readonly asOf?: string | undefined
  /** Default `ignore`: a retired model is checked by the facts of its own era. */
  readonly lifecycle?: LifecycleMode | undefined
}

/** What the API would say about such a request to this model, in the order in which it would find it. */
export function check(facts: RequestFacts, model: Model, options: CheckOptions = {}): readonly Finding[] {
  const mode = options.lifecycle ?? 'ignore'
  const today = dayOf(options.asOf)
  const day = factsDay(model, mode, today)
  const broken = rules.flatMap((rule): Finding[] => {
    const message = rule.test(facts, model, day)
    if (message === null) return []
    const { code, hint, path } = rule
    return [{ code, severity: 'error', status: 400, type: 'invalid_request_error', message, hint, path }]
  })
  return [...findLifecycle(model, mode, today), ...broken]
}
