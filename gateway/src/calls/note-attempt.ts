import type { Context } from '../context.ts'
import { failureRules } from '../routing/failure.ts'
import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { Attempt, AttemptResult } from './attempt.ts'

type Health = Pick<Context, 'credentials' | 'firstTokens' | 'health' | 'warmth' | 'log'>

/** Notes what the result of an attempt says about its upstream, for the plans of later calls. */
export function noteAttempt(
  { credentials, firstTokens, health, warmth, log }: Health,
  { planned, conversation, call, startedAtMs }: Attempt,
  { outcome, finish, firstTokenMs, quotaEmptyMs }: AttemptResult,
): void {
  // An estimate of the gateway says nothing about the upstream.
  if (planned.because === 'estimate') return
  const { account, model } = planned
  if (outcome === 'answered') {
    credentials.accept(account.name)
    health.succeed(account.name, model.id)
    // The next call would be refused.
    if (quotaEmptyMs !== null) health.block(account.name, model.id, quotaEmptyMs)
    // Measured from the client's request, which may have waited in a queue or for an earlier attempt.
    if (firstTokenMs !== null)
      firstTokens.note(account.name, model.id, firstTokenMs - (startedAtMs - call.startedAtMs))
    // A count of tokens writes no prompt cache.
    if (conversation !== '' && call.billable) warmth.note(conversation, account.name)
    return
  }
  if (finish.kind === 'api_error') {
    const { kind, message, detail } = finish.failure
    if (kind === 'credential_rejected' || kind === 'credential_unavailable') {
      // One entry per failing credential, not one per call.
      if (credentials.findRejection(account.name) === null)
        log({ level: 'error', event: kind, upstream: account.name, message: detail ?? message })
      credentials.reject(account.name, detail ?? message)
    }
    if (failureRules[kind].harms === 'circuit') health.fail(account.name, model.id)
  }
  if (finish.kind !== 'complete' || finish.error === null) return
  const { harms } = upstreamErrorRules[finish.error]
  if (harms === 'circuit') health.fail(account.name, model.id)
  if (harms === 'quota') health.block(account.name, model.id, readRetryAfterMs(finish.headers))
}

/** `retry-after` in milliseconds; null if it is absent or a date. */
function readRetryAfterMs(headers: Readonly<Record<string, string>>): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, maxBlockMs) : null
}

/** Some subscriptions name hours. The quota is tried again at least once an hour. */
const maxBlockMs = 3_600_000
