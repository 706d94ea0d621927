import type { RecordedResponse } from '../cassette.ts'
import { keepHeaders } from '../redaction/headers.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { decodeContent } from './content-decoding.ts'
import { encodeAwsEvent, encodeBytes, encodeSseEvent, decodeText } from './encode-event.ts'
import { redactEvents } from './redact-events.ts'
import { chooseSplit } from './split-stream.ts'

/** A whole response as it arrived. */
export interface CapturedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** The end of each part in `bytes`, and the milliseconds from the request to its arrival, in order. */
  readonly arrivals: readonly { readonly endByte: number; readonly atMs: number }[]
}

export type RecordedBody =
  | { readonly ok: true; readonly response: RecordedResponse }
  | { readonly ok: false; readonly because: string }

/** Encodes a response for a cassette, redacted. */
export function recordResponse(captured: CapturedResponse, redactor: Redactor): RecordedBody {
  const { status, headers: given, arrivals } = captured
  const decoded = decodeContent(captured.bytes, given['content-encoding'])
  if (decoded === null)
    return { ok: false, because: `its content-encoding ${given['content-encoding']} is not supported` }
  const headers = keepHeaders(given, status, redactor)
  const start = { status, headers }
  const lastMs = arrivals.at(-1)?.atMs ?? 0
  const split = chooseSplit(given['content-type'])
  if (split === null)
    return { ok: true, response: { ...start, at_ms: [lastMs], ...encodeBody(decoded, redactor) } }
  const parts = split(decoded)
  const isDecoded = decoded !== captured.bytes
  const encode = given['content-type']?.startsWith('text/') ? encodeSseEvent : encodeAwsEvent
  const at_ms = isDecoded ? parts.map(() => lastMs) : listTimes(parts, arrivals)
  return {
    ok: true,
    response: {
      ...start,
      at_ms,
      events: redactEvents(
        parts.map((part) => encode(part)),
        redactor,
      ),
    },
  }
}

function encodeBody(
  bytes: Uint8Array,
  redactor: Redactor,
): Pick<RecordedResponse, 'body' | 'base64' | 'note'> {
  const text = decodeText(bytes)
  return text === null ? encodeBytes(bytes) : { body: redactor.redactJson(text) }
}

/** The arrival of the last byte of each part. */
function listTimes(parts: readonly Uint8Array[], arrivals: CapturedResponse['arrivals']): readonly number[] {
  let endByte = 0
  let next = 0
  return parts.map((part) => {
    endByte += part.length
    while (next < arrivals.length - 1 && (arrivals[next]?.endByte ?? Infinity) < endByte) next += 1
    return arrivals[next]?.atMs ?? 0
  })
}
