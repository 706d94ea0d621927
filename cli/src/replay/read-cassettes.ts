import { openRecordings, readRecordedMessage } from '@anthology/emulator'
import type { RecordedExchange } from '@anthology/emulator'
import { isRecord, parseJson } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { asUsage } from '../cassette-options.ts'
import type { RecordedCall } from './recorded-call.ts'

/** The requests of cassettes that can be sent again, and how many cannot. */
export interface CassetteCalls {
  readonly calls: readonly RecordedCall[]
  /** A cassette has the bodies of requests only if it was recorded with them. */
  readonly withoutBody: number
  /** Requests of Converse and Chat Completions, which have another form. */
  readonly otherForms: number
}

/** Reads a folder of cassettes, or one cassette. */
export function readCassetteCalls(path: string): CassetteCalls {
  const exchanges = asUsage(() => openRecordings(path)).list()
  const sent = exchanges.filter(({ exchange }) => exchange.request.turn !== undefined)
  const usable = sent.filter(({ exchange }) => messageEndpoints.has(exchange.request.endpoint))
  const calls = usable.flatMap(({ exchange, label }) => {
    const request = readRequest(exchange)
    return request === null ? [] : [{ place: label, request, answer: readAnswer(exchange) }]
  })
  return { calls, withoutBody: usable.length - calls.length, otherForms: sent.length - usable.length }
}

/** Endpoints whose bodies have the form of the Messages API. */
const messageEndpoints: ReadonlySet<string> = new Set(['create_message', 'invoke', 'raw_predict'])

/** The clouds have the model in the path and the betas in the body. */
function readRequest({ request }: RecordedExchange): JsonObject | null {
  const body = parseJson(request.body ?? '')
  if (!isRecord(body)) return null
  const { anthropic_version: _version, anthropic_beta: inBody, ...members } = body
  const betas = [...(request.betas ?? []), ...(Array.isArray(inBody) ? inBody : [])]
  return {
    ...members,
    ...(request.model !== undefined && { model: request.model }),
    ...(betas.length > 0 && { betas }),
  }
}

function readAnswer({ response }: RecordedExchange): RecordedCall['answer'] {
  const body = readRecordedMessage(response)
  return body === null ? null : { status: response.status, body, tookMs: response.at_ms.at(-1) ?? null }
}
