import { parseError } from '@anthology/wire'

import type { Context } from '../context.ts'
import { parseRetryAfterMs } from '../http/retry-after.ts'
import { failureRules } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import { isRefusal } from '../routing/refusal.ts'
import type { Refusal } from '../routing/refusal.ts'
import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { UpstreamErrorKind, UpstreamErrorRule } from '../routing/upstream-error.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import { hasAnswers } from './first-message.ts'
import { parseUsage } from './meter.ts'
import { identifyThread } from './plan-call.ts'
import { readUsedCache } from './used-cache.ts'
import { namesPayer } from './user-profile.ts'

type Health = Pick<Context, 'credentials' | 'firstTokens' | 'health' | 'warmth' | 'log'>
type NotedAttempt = Pick<
  Attempt,
  'planned' | 'call' | 'conversation' | 'usual' | 'quota' | 'startedAtMs' | 'nowMs' | 'timeOfDayMs'
>

/** Notes what the result of an attempt says about its upstream, for the plans of later calls. */
export function noteAttempt(context: Health, attempt: NotedAttempt, result: AttemptResult): void {
  // An estimate of the gateway says nothing about the upstream.
  if (attempt.planned.because === 'estimate') return
  const { outcome, finish } = result
  if (outcome === 'answered') noteAnswer(context, attempt, result)
  else if (finish.kind === 'api_error') noteFailure(context, attempt, finish.failure)
  else if (finish.kind === 'complete' && finish.error !== null) {
    const retryAfterMs = parseRetryAfterMs(finish.headers['retry-after'], attempt.timeOfDayMs())
    noteUpstreamError(context, attempt, {
      error: finish.error,
      retryAfterMs,
      reason: describeFailure(result),
    })
  }
}

function noteAnswer(
  { credentials, firstTokens, health, warmth }: Health,
  { planned, conversation, usual, call, quota, startedAtMs, nowMs }: NotedAttempt,
  { firstTokenMs, emptyQuotas, reading }: AttemptResult,
): void {
  const { account, model } = planned
  credentials.accept(account.name)
  health.succeed(account.name, model.id, quota, nowMs() - startedAtMs)
  // The next call would be refused.
  if (!namesPayer(call))
    for (const empty of emptyQuotas) health.block(account.name, model.id, empty.quota, empty.waitMs)
  // Measured from the client's request, which may have waited in a queue or for an earlier attempt.
  if (firstTokenMs !== null)
    firstTokens.note(account.name, model.id, firstTokenMs - (startedAtMs - call.startedAtMs))
  // A count of tokens writes no prompt cache.
  if (conversation === '' || !call.billable) return
  const cache = readUsedCache(call, parseUsage(reading))
  const isUsual = usual?.upstream === account.name && usual.model === model.id
  const { foreignMessages } = call
  const facts = { foreignMessages, isUsual, isBeginning: () => !hasAnswers(call) }
  warmth.note(identifyThread(conversation, call), { upstream: account.name, model: model.id, cache }, facts)
}

/** Notes that no answer came: the upstream was not reached, or its credential is of no use. */
function noteFailure(
  { credentials, health, log }: Health,
  { planned: { account, model }, quota, call }: NotedAttempt,
  { kind, message, detail }: Failure,
): void {
  const reason = detail ?? message
  if (kind === 'credential_rejected' || kind === 'credential_unavailable') {
    // One entry per failing credential, not one per call.
    if (credentials.findRejection(account.name) === null)
      log({ level: 'error', event: kind, upstream: account.name, message: reason })
    credentials.reject(account.name, reason)
  }
  const isForbidden = kind === 'account_not_permitted' || kind === 'model_not_permitted'
  if (isForbidden && namesPayer(call)) return
  const { harms } = failureRules[kind]
  if (harms === 'circuit') health.fail(account.name, model.id, reason)
  if (harms === 'model' && quota !== 'token_count') health.reject(account.name, model.id, 'model', reason)
}

interface UpstreamError {
  readonly error: UpstreamErrorKind
  readonly retryAfterMs: number | null
  readonly reason: string
}

function noteUpstreamError(
  { health }: Health,
  { planned: { account, model }, quota, call }: NotedAttempt,
  { error, retryAfterMs, reason }: UpstreamError,
): void {
  const { harms } = upstreamErrorRules[error]
  if (harms === 'circuit') health.fail(account.name, model.id, reason)
  // An upstream may lack the endpoint that counts tokens, and serve the model all the same.
  const refusal = readRefusal(harms)
  if (refusal !== null && quota !== 'token_count' && !namesPayer(call))
    health.reject(account.name, model.id, refusal, reason)
  if (harms === 'quota' && !namesPayer(call))
    health.block(
      account.name,
      model.id,
      quota,
      retryAfterMs === null ? null : Math.min(retryAfterMs, maxBlockMs),
    )
}

/** The refusal of the account that a result is; null if it is none. */
export function findRefusal({ finish }: AttemptResult): Refusal | null {
  if (finish.kind === 'api_error') return readRefusal(failureRules[finish.failure.kind].harms)
  if (finish.kind !== 'complete' || finish.error === null) return null
  return readRefusal(upstreamErrorRules[finish.error].harms)
}

function readRefusal(harms: UpstreamErrorRule['harms']): Refusal | null {
  return isRefusal(harms) ? harms : null
}

/** The reason of a failed attempt, for operators: with the code of a connection's error, or the upstream's own words. */
export function describeFailure({ outcome, status, finish }: AttemptResult): string {
  if (finish.kind === 'api_error') return finish.failure.detail ?? finish.failure.message
  if (finish.kind !== 'complete') return outcome
  const { message } = parseError(finish.body)
  return `it answered ${status}: ${message.slice(0, maxWords)}`
}

const maxWords = 200

/** Some subscriptions name hours. The quota is tried again at least once an hour. */
const maxBlockMs = 3_600_000
