import { type Price, formatNanoUsd, priceOf } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { answerHeaders } from './response-headers.ts'
import type { Context } from '../context.ts'
import type { WholeAnswer } from '../protocols/protocol.ts'
import { type ErrorCode, errors } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallEnd, CallStart } from '../ledger/call-row.ts'
import { removeSecrets } from '../log.ts'
import { parseUsage } from './meter.ts'
import { describeUntold } from '../routing/failure.ts'
import type { Finish, Leg, LegEnd } from './attempt.ts'
import { sendAnswer } from '../http/respond.ts'

declare const settled: unique symbol

/** Proof that a call came to its end by way of the ledger; only `settle` makes one. */
export interface Settled {
  readonly [settled]: true
}

/** Prices a leg, writes it down, and only then lets the end of the answer go out. */
export async function settle(context: Context, leg: Leg, start: CallStart, end: LegEnd): Promise<Settled> {
  const { call } = leg
  const usage = parseUsage(end.reading)
  leg.permit.settle(usage, end.outcome)
  const price = usage === null ? null : priceOf(usage, call.model, priceOptions(call))
  const row = describeEnd(context, leg, end, price)
  if (call.billable) {
    const handedOverMs = performance.now()
    try {
      await context.ledger.write({ start, end: row })
      context.telemetry.committed(performance.now() - handedOverMs)
    } catch (error) {
      context.telemetry.reached('ledgerWaitMs')
      // The row stays queued in the writer. An answer does not break because of it.
      context.log({ level: 'error', event: 'ledger_late', call: call.id, message: String(error) })
    }
  }
  finish(leg, end, { price, usage })
  context.telemetry.called({ leg, row, usage })
  call.trace?.end(call, row, { upstream: leg.attempt.account.name, usage })
  context.log(describeLog(leg, end, row, price))
  // The proof has no contents: that it was given is all that it says.
  return {} as Settled
}

/** The prices of the day on which the call began (UTC), with the betas that were sent: a longer window has prices of its own. */
function priceOptions({ betas, startedAtMs }: Leg['call']): Parameters<typeof priceOf>[2] {
  return { betas, asOf: dayOf(startedAtMs) }
}

const msPerDay = 86_400_000
let latest = { number: Number.NaN, text: '' }

/** Calls come in the order of time, so that the day of one is the day of the next but once a day. */
function dayOf(timeMs: number): string {
  const number = Math.floor(timeMs / msPerDay)
  if (number !== latest.number)
    latest = { number, text: new Date(number * msPerDay).toISOString().slice(0, 10) }
  return latest.text
}

/** What the answer was metered with, and its price. */
interface Metered {
  readonly price: Price | null
  readonly usage: UsageFields | null
}

function finish(leg: Leg, end: LegEnd, { price, usage }: Metered): void {
  const { response } = leg
  switch (end.finish.kind) {
    case 'nothing':
      response.destroy()
      return
    case 'tail':
      endStream(response, end.finish)
      return
    case 'refusal':
      sendAnswer(response, refuse(leg, end.finish.code, end.finish.message))
      return
    case 'whole': {
      const headers = { ...end.finish.headers, ...answerHeaders(leg) }
      if (price?.ok === true) headers['x-anthology-cost-usd'] = formatNanoUsd(price.totalNanoUsd)
      const body = removeSecrets(end.finish.body, leg.attempt.account.secrets)
      sendAnswer(response, shaped(leg, { status: end.status, headers, body }, usage))
    }
  }
}

function shaped(leg: Leg, answer: WholeAnswer, usage: UsageFields | null): WholeAnswer {
  try {
    return leg.call.shape.whole(answer, usage)
  } catch {
    // Only a door that translates reads an answer, and an upstream may say anything.
    return refuse(leg, 'answer_unreadable', describeUntold(leg.attempt.account.name))
  }
}

function refuse({ call, permit }: Leg, code: ErrorCode, message: string): WholeAnswer {
  const headers = permit.headers()
  return call.door.refuse({ code, kind: errors[code], message, requestId: call.id, headers })
}

/** The last row is durable, so whatever waited for the first one need not wait for its word any more. */
function endStream(response: ClientResponse, { open, frames }: Extract<Finish, { kind: 'tail' }>): void {
  open()
  for (const frame of frames) response.write(frame)
  response.end()
}

function describeEnd(context: Context, leg: Leg, end: LegEnd, price: Price | null): CallEnd {
  return {
    outcome: end.outcome,
    status: end.finish.kind === 'refusal' ? errors[end.finish.code].status : end.status,
    attempts: leg.attemptNumber,
    stop_reason: end.reading.stopReason,
    error_type:
      end.reading.errorType ?? (end.finish.kind === 'refusal' ? errors[end.finish.code].type : null),
    message_id: end.reading.messageId,
    upstream_request_id: end.upstreamRequestId,
    first_byte_ms: end.firstByteMs,
    first_token_ms: end.firstTokenMs,
    total_ms: context.nowMs() - leg.call.startedAtMs,
    usage: end.reading.usage,
    price,
  }
}

function describeLog(
  leg: Leg,
  end: LegEnd,
  row: CallEnd,
  price: Price | null,
): Parameters<Context['log']>[0] {
  const { call } = leg
  return {
    level: row.outcome === 'upstream_died' ? 'warn' : 'info',
    event: call.billable ? 'call' : 'count_tokens',
    call: call.id,
    key: call.key.id,
    model: call.model.id,
    upstream: leg.attempt.account.name,
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
