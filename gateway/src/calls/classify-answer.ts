import { parseError, wireErrors } from '@anthology/wire'

import type { FailureKind } from '../routing/failure.ts'
import { modelAccessTexts } from '../routing/upstream-error.ts'
import type { AnswerKind } from './meter.ts'

/** The parts of a complete response that its classification depends on. */
export interface CompleteAnswer {
  readonly status: number
  readonly body: Uint8Array
  readonly kind: AnswerKind
  /** The response came as an event stream. */
  readonly streamed: boolean
}

/** The parts of the request that the classification depends on. */
export interface Asked {
  readonly billable: boolean
  readonly stream: boolean
}

export type ClassifiedAnswer =
  | { readonly kind: 'answered' }
  /** An error of the upstream, in its own words, with the status for the client. */
  | { readonly kind: 'upstream_error'; readonly status: number }
  /** `words`: the upstream's message if the client's error repeats it, otherwise empty. */
  | { readonly kind: 'failure'; readonly failure: FailureKind; readonly words: string }

/**
 * Classifies a complete response. A success status alone proves nothing: some relays send 200 with an error, with a
 * web page, or with an empty body. An error with a success status gets the status of its error type.
 */
export function classifyAnswer(answer: CompleteAnswer, asked: Asked): ClassifiedAnswer {
  const { status, kind, streamed } = answer
  if (status >= 300 && status < 400) return fail('redirected')
  if (status >= 400 && status < 600) return classifyError(status, answer)
  if (status < 200 || status >= 600) return fail('not_an_answer')
  if (kind === 'error') return classifyError(getStatus(parseError(answer.body).type), answer)
  if (streamed) return fail('streamed_unasked')
  if (kind !== (asked.billable ? 'message' : 'token_count')) return fail('not_an_answer')
  return asked.stream ? fail('not_streamed') : { kind: 'answered' }
}

/**
 * 401 and 403, and errors of their types, concern the gateway's account. If they were passed on, clients would look for
 * the fault in their own key, which the gateway has accepted.
 */
function classifyError(status: number, { body }: CompleteAnswer): ClassifiedAnswer {
  const { type, message } = parseError(body)
  const meant = status < 500 && isAboutAccount(getStatus(type)) ? getStatus(type) : status
  if (!isAboutAccount(meant)) return { kind: 'upstream_error', status }
  const notPermitted = modelAccessTexts.test(message) ? 'model_not_permitted' : 'account_not_permitted'
  const failure = meant === 401 ? 'credential_rejected' : notPermitted
  return { kind: 'failure', failure, words: message.slice(0, maxWords) }
}

function isAboutAccount(status: number): boolean {
  return status === 401 || status === 403
}

/** The characters of an upstream's message that are repeated in an error of the gateway. */
const maxWords = 200

/** The status of an error type; 500 for an unknown one ("Errors" of the API reference). */
export function getStatus(errorType: string | null): number {
  return wireErrors.find(({ type }) => type === errorType)?.status ?? 500
}

function fail(failure: FailureKind): ClassifiedAnswer {
  return { kind: 'failure', failure, words: '' }
}
