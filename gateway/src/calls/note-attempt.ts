import { parseError } from '@anthology/wire'

import type { Context } from '../context.ts'
import { parseRetryAfterMs } from '../http/retry-after.ts'
import { failureRules } from '../routing/failure.ts'
import { upstreamErrorRules } from '../routing/upstream-error.ts'
import type { Attempt, AttemptResult } from './attempt.ts'

type Health = Pick<Context, 'credentials' | 'firstTokens' | 'health' | 'warmth' | 'log'>

/** Notes what the result of an attempt says about its upstream, for the plans of later calls. */
export function noteAttempt(
  { credentials, firstTokens, health, warmth, log }: Health,
  { planned, conversation, call, startedAtMs, nowMs }: Attempt,
  result: AttemptResult,
): void {
  const { outcome, finish, firstTokenMs, quotaEmptyMs } = result
  // An estimate of the gateway says nothing about the upstream.
  if (planned.because === 'estimate') return
  const { account, model } = planned
  if (outcome === 'answered') {
    credentials.accept(account.name)
    health.succeed(account.name, model.id, nowMs() - startedAtMs)
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
    if (failureRules[kind].harms === 'circuit') health.fail(account.name, model.id, describeFailure(result))
  }
  if (finish.kind !== 'complete' || finish.error === null) return
  const { harms } = upstreamErrorRules[finish.error]
  if (harms === 'circuit') health.fail(account.name, model.id, describeFailure(result))
  if (harms !== 'quota') return
  const waitMs = parseRetryAfterMs(finish.headers['retry-after'], nowMs())
  health.block(account.name, model.id, waitMs === null ? null : Math.min(waitMs, maxBlockMs))
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
