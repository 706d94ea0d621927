import type { Context } from '../context.ts'
import { failureRules } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { UpstreamErrorKind } from '../routing/upstream-error.ts'
import type { Attempt, AttemptResult } from './attempt.ts'

type Health = Pick<Context, 'credentials' | 'firstTokens' | 'health' | 'warmth' | 'log'>

/** Notes what the result of an attempt says about its upstream, for the plans of later calls. */
export function noteAttempt(context: Health, attempt: Attempt, result: AttemptResult): void {
  // An estimate of the gateway says nothing about the upstream.
  if (attempt.planned.because === 'estimate') return
  const { outcome, finish } = result
  if (outcome === 'answered') noteAnswer(context, attempt, result)
  else if (finish.kind === 'api_error') noteFailure(context, attempt.planned, finish.failure)
  else if (finish.kind === 'complete' && finish.error !== null)
    noteUpstreamError(context, attempt.planned, finish.error, finish.headers)
}

function noteAnswer(
  { credentials, firstTokens, health, warmth }: Health,
  { planned, conversation, call, startedAtMs }: Attempt,
  { firstTokenMs, quotaEmptyMs }: AttemptResult,
): void {
  const { account, model } = planned
  credentials.accept(account.name)
  health.succeed(account.name, model.id)
  // The next call would be refused.
  if (quotaEmptyMs !== null) health.block(account.name, model.id, quotaEmptyMs)
  // Measured from the client's request, which may have waited in a queue or for an earlier attempt.
  if (firstTokenMs !== null)
    firstTokens.note(account.name, model.id, firstTokenMs - (startedAtMs - call.startedAtMs))
  // A count of tokens writes no prompt cache.
  if (conversation !== '' && call.billable) warmth.note(conversation, account.name)
}

/** Notes that no answer came: the upstream was not reached, or its credential is of no use. */
function noteFailure(
  { credentials, health, log }: Health,
  { account, model }: Attempt['planned'],
  { kind, message, detail }: Failure,
): void {
  if (kind === 'credential_rejected' || kind === 'credential_unavailable') {
    // One entry per failing credential, not one per call.
    if (credentials.findRejection(account.name) === null)
      log({ level: 'error', event: kind, upstream: account.name, message: detail ?? message })
    credentials.reject(account.name, detail ?? message)
  }
  if (failureRules[kind].harms === 'circuit') health.fail(account.name, model.id)
}

function noteUpstreamError(
  { health }: Health,
  { account, model }: Attempt['planned'],
  error: UpstreamErrorKind,
  headers: Readonly<Record<string, string>>,
): void {
  const { harms } = upstreamErrorRules[error]
  if (harms === 'circuit') health.fail(account.name, model.id)
  if (harms === 'quota') health.block(account.name, model.id, readRetryAfterMs(headers))
}

/** `retry-after` in milliseconds; null if it is absent or a date. */
function readRetryAfterMs(headers: Readonly<Record<string, string>>): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, maxBlockMs) : null
}

/** Some subscriptions name hours. The quota is tried again at least once an hour. */
const maxBlockMs = 3_600_000
