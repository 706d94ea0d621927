import { formatNanoUsd, computePrice } from '@anthology/catalog'
import type { Price } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { getDay } from '../clock.ts'
import type { Context } from '../context.ts'
import { errors } from '../errors.ts'
import { describeUpstreamHeaders } from '../http/headers.ts'
import { printDetails } from '../ledger/call-details.ts'
import { nameAttempt } from '../ledger/call-row.ts'
import type { FailureKind } from '../routing/failure.ts'
import type { CallEnd, CallStart } from '../ledger/call-row.ts'
import { getPriceRegion } from '../upstreams/model-name.ts'
import { applyOwnPrices } from '../upstreams/own-price.ts'
import { parseUsage } from './meter.ts'
import { describeEndDetails } from './end-details.ts'
import { noteAttempt } from './note-attempt.ts'
import { createCallRecord, getOperation } from './records.ts'
import { prepareResponse } from './respond-attempt.ts'
import { describeNotices } from './response-headers.ts'
import type { Attempt, AttemptResult } from './attempt.ts'

declare const settled: unique symbol

/** Proof that a call ended with a row in the ledger; only `settle` creates one. */
export interface Settled {
  readonly [settled]: true
}

/** Prices an attempt, writes its row, and only then sends the end of the response. */
export async function settle(
  context: Context,
  attempt: Attempt,
  start: CallStart,
  result: AttemptResult,
): Promise<Settled> {
  const { call } = attempt
  const usage = parseUsage(result.reading)
  attempt.permit.settle(usage, result.outcome)
  const price = usage === null ? null : priceUsage(context, usage, attempt)
  settleMoney(attempt, price)
  const { end, send } = prepareResponse(attempt, result, { price, usage })
  attempt.report(end, null)
  noteAttempt(context, attempt, end)
  const row = describeEnd(attempt, end, {
    price,
    details: attempt.notes.print(usage, describeEndDetails(end)),
  })
  if (call.billable) {
    const handedOverMs = performance.now()
    try {
      await context.ledger.write({ start, end: row })
      context.telemetry.observeCommit(performance.now() - handedOverMs)
    } catch (error) {
      context.telemetry.countLimit('ledgerWaitMs')
      // The row stays queued in the writer, and the response is completed.
      context.log({ level: 'error', event: 'ledger_late', call: call.id, message: String(error) })
    }
  }
  send()
  const upstream = attempt.planned.account.name
  const operation = getOperation(call)
  const { name: protocol } = call.protocol
  context.telemetry.countCall({ protocol, operation, model: attempt.planned.model.id, upstream, row, usage })
  call.trace?.end(createCallRecord(call, upstream, { row, usage }))
  context.log(describeLog(attempt, end, row, price))
  // The proof has no members: its type is enough.
  return {} as Settled
}

/**
 * Writes a row of its own for an attempt that may be billed although the call moved on. It is stored before the call's
 * row, because rows are stored in their order.
 */
export function recordBilledAttempt(
  context: Context,
  attempt: Attempt,
  start: CallStart,
  result: AttemptResult,
): void {
  const usage = parseUsage(result.reading)
  if (!attempt.call.billable || usage === null) return
  const id = nameAttempt(attempt.call.id, attempt.attemptNumber)
  const price = priceUsage(context, usage, attempt)
  attempt.money.spend(attempt.planned.model.id, toNanoUsd(price) ?? 0)
  const row = describeEnd(attempt, result, { price, details: printDetails(describeEndDetails(result)) })
  context.ledger.write({ start: { ...start, id }, end: row }).catch((error: unknown) => {
    context.log({ level: 'error', event: 'ledger_late', call: id, message: String(error) })
  })
}

/**
 * Prices a call by where it ran. Prices depend on the UTC day on which it began, and on its betas: a longer context
 * window has different prices.
 */
function priceUsage(
  { fallbackPrice }: Pick<Context, 'fallbackPrice'>,
  usage: UsageFields,
  { call, planned }: Attempt,
): Price {
  const { account, model, modelName } = planned
  const price = computePrice(usage, model, {
    betas: call.betas,
    asOf: getDay(call.startedAtMs),
    platform: account.platform,
    region: getPriceRegion(account, modelName),
  })
  return applyOwnPrices(price, usage, {
    upstream: account.name,
    rates: account.rates,
    fallback: fallbackPrice,
  })
}

/** The budgets count what the ledger has; a usage without a price counts as all that was held for it. */
function settleMoney({ money, planned }: Attempt, price: Price | null): void {
  money.settle(planned.model.id, price === null ? 0 : toNanoUsd(price))
}

function toNanoUsd(price: Price): number | null {
  if (!price.ok) return null
  return price.totalNanoUsd < maxNanoUsd ? Number(price.totalNanoUsd) : Number(maxNanoUsd)
}

/** An absurd usage of an upstream must not make sums inexact. */
const maxNanoUsd = BigInt(Number.MAX_SAFE_INTEGER)

/** The cost that an attempt may have although it failed, in nano-dollars. */
export function priceAttempt(context: Context, attempt: Attempt, { reading }: AttemptResult): number {
  const usage = attempt.call.billable ? parseUsage(reading) : null
  return usage === null ? 0 : (toNanoUsd(priceUsage(context, usage, attempt)) ?? 0)
}

function describeEnd(
  attempt: Attempt,
  end: AttemptResult,
  { price, details }: Pick<CallEnd, 'price' | 'details'>,
): CallEnd {
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
    total_ms: attempt.nowMs() - attempt.call.startedAtMs,
    usage: end.reading.usage,
    usage_source: end.reading.usageSource,
    price,
    details,
  }
}

/** A credential that is rejected fails every call until the operator corrects it. */
function getLogLevel({ outcome, finish }: AttemptResult): 'info' | 'warn' | 'error' {
  if (finish.kind === 'api_error' && aboutCredential.has(finish.failure.kind)) return 'error'
  return outcome === 'upstream_aborted' ? 'warn' : 'info'
}

const aboutCredential: ReadonlySet<FailureKind> = new Set(['credential_rejected', 'credential_unavailable'])

function describeLog(
  attempt: Attempt,
  end: AttemptResult,
  row: CallEnd,
  price: Price | null,
): Parameters<Context['log']>[0] {
  const { call } = attempt
  return {
    level: getLogLevel(end),
    event: call.billable ? 'call' : 'count_tokens',
    call: call.id,
    key: call.key.id,
    model: attempt.planned.model.id,
    upstream: attempt.planned.account.name,
    streamed: call.stream,
    outcome: row.outcome,
    status: row.status,
    stop_reason: row.stop_reason,
    error_type: row.error_type,
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
    notice: describeNotices(call),
    upstream_headers: describeUpstreamHeaders(end.upstreamHeaders),
    usage_source: row.usage_source,
    because:
      end.finish.kind === 'api_error' ? (end.finish.failure.detail ?? end.finish.failure.message) : null,
    cost_usd: price?.ok === true ? formatNanoUsd(price.totalNanoUsd) : null,
    unpriced_because: price?.ok === false ? price.detail : null,
  }
}
