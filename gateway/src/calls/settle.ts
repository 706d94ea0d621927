import { formatNanoUsd, computePrice } from '@anthology/catalog'
import type { Price } from '@anthology/catalog'

import type { Context } from '../context.ts'
import { errors } from '../errors.ts'
import type { CallEnd, CallStart } from '../ledger/call-row.ts'
import { parseUsage } from './meter.ts'
import { createCallRecord, getOperation } from './records.ts'
import { respondAttempt } from './respond-attempt.ts'
import type { Attempt, AttemptResult } from './attempt.ts'

declare const settled: unique symbol

/** Proof that a call was settled; only `settle` creates one. */
export interface Settled {
  readonly [settled]: true
}

/** Prices an attempt, writes its row, and only then sends the end of the response. */
export async function settle(
  context: Context,
  attempt: Attempt,
  start: CallStart,
  end: AttemptResult,
): Promise<Settled> {
  const { call } = attempt
  const usage = parseUsage(end.reading)
  attempt.permit.settle(usage, end.outcome)
  const price = usage === null ? null : computePrice(usage, call.model, priceOptions(call))
  const row = describeEnd(context, attempt, end, price)
  if (call.billable) {
    const handedOverMs = performance.now()
    try {
      await context.ledger.write({ start, end: row })
      context.telemetry.committed(performance.now() - handedOverMs)
    } catch (error) {
      context.telemetry.countLimit('ledgerWaitMs')
      // The row stays queued in the writer, and the response is sent anyway.
      context.log({ level: 'error', event: 'ledger_late', call: call.id, message: String(error) })
    }
  }
  respondAttempt(attempt, end, { price, usage })
  const upstream = attempt.planned.account.name
  const operation = getOperation(call)
  const { name: protocol } = call.protocol
  context.telemetry.called({ protocol, operation, model: call.model.id, upstream, row, usage })
  call.trace?.end(createCallRecord(call, upstream, { row, usage }))
  context.log(describeLog(attempt, end, row, price))
  // A brand without content: it exists only as a type.
  return {} as Settled
}

/** Selects the prices of the call's first day (UTC) and of its betas: a larger context window has other prices. */
function priceOptions({ betas, startedAtMs }: Attempt['call']): Parameters<typeof computePrice>[2] {
  return { betas, asOf: getDay(startedAtMs) }
}

const msPerDay = 86_400_000
let latest = { number: Number.NaN, text: '' }

/** Formats the day (UTC). Calls are ordered by time, so a cache of the latest day is enough. */
function getDay(timeMs: number): string {
  const number = Math.floor(timeMs / msPerDay)
  if (number !== latest.number)
    latest = { number, text: new Date(number * msPerDay).toISOString().slice(0, 10) }
  return latest.text
}

function describeEnd(context: Context, attempt: Attempt, end: AttemptResult, price: Price | null): CallEnd {
  return {
    outcome: end.outcome,
    status: end.status,
    attempts: attempt.attemptNumber,
    stop_reason: end.reading.stopReason,
    error_type:
      end.reading.errorType ??
      (end.finish.kind === 'api_error' ? errors[end.finish.failure.error].type : null),
    message_id: end.reading.messageId,
    upstream_request_id: end.upstreamRequestId,
    first_byte_ms: end.firstByteMs,
    first_token_ms: end.firstTokenMs,
    total_ms: context.nowMs() - attempt.call.startedAtMs,
    usage: end.reading.usage,
    price,
  }
}

function describeLog(
  attempt: Attempt,
  end: AttemptResult,
  row: CallEnd,
  price: Price | null,
): Parameters<Context['log']>[0] {
  const { call } = attempt
  return {
    level: row.outcome === 'upstream_aborted' ? 'warn' : 'info',
    event: call.billable ? 'call' : 'count_tokens',
    call: call.id,
    key: call.key.id,
    model: call.model.id,
    upstream: attempt.planned.account.name,
    streamed: call.stream,
    outcome: row.outcome,
    status: row.status,
    stop_reason: row.stop_reason,
    error_type: row.error_type,
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
    upstream_headers: end.upstreamHeaders,
    cost_usd: price?.ok === true ? formatNanoUsd(price.totalNanoUsd) : null,
    unpriced_because: price?.ok === false ? price.detail : null,
  }
}
