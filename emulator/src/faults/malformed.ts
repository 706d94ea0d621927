import { decodeBase64, encodeBase64, encodeFrame, joinBytes, parseJson, readText } from '@anthology/wire'

import type { Fault } from '../scenario/scenario.ts'
import { findJson, getAwsHeaders } from './event-frames.ts'
import type { StreamForm } from './event-frames.ts'
import { listStrings } from './json-strings.ts'

type Malformed = NonNullable<Fault['malformed']>

/**
 * Makes an event unreadable. `json` removes the last byte of its JSON, `utf8` puts a byte into its last text that no UTF-8
 * has; the frame around it stays valid. `frame` breaks the frame: a line break inside the data of a server-sent event, or a
 * wrong checksum of a message of AWS's event stream.
 */
export function breakEvent(event: Uint8Array, kind: Malformed, form: StreamForm): Uint8Array {
  const [start, end] = findJson(event, form)
  const json = event.subarray(start, end)
  if (form === 'aws') return kind === 'frame' ? breakChecksum(event) : breakPayload(event, json, kind)
  const broken = kind === 'frame' ? breakLine(json) : breakJson(json, kind, 'last')
  return joinBytes([event.subarray(0, start), broken, event.subarray(end)])
}

/**
 * Makes the body of a plain answer unreadable; the answer itself stays complete for HTTP. `json` removes its last byte,
 * `frame` its second half, and `utf8` puts a byte into its longest text that no UTF-8 has.
 */
export function breakBody(body: Uint8Array, kind: Malformed): Uint8Array {
  return kind === 'frame' ? body.subarray(0, body.length >> 1) : breakJson(body, kind, 'longest')
}

function breakJson(
  json: Uint8Array,
  kind: Exclude<Malformed, 'frame'>,
  which: 'last' | 'longest',
): Uint8Array {
  if (kind === 'json') return json.subarray(0, -1)
  const texts = listStrings(json).filter(({ isName }) => !isName)
  const [text] =
    which === 'last' ? texts.slice(-1) : texts.toSorted((a, b) => b.end - b.start - (a.end - a.start))
  const at = text?.end ?? json.length
  return joinBytes([json.subarray(0, at), Uint8Array.of(noUtf8), json.subarray(at)])
}

const noUtf8 = 0xff

/** A line break in the middle, but not inside a character. */
function breakLine(json: Uint8Array): Uint8Array {
  let at = json.length >> 1
  while (at > 0 && ((json[at] ?? 0) & 0xc0) === 0x80) at -= 1
  return joinBytes([json.subarray(0, at), Uint8Array.of(newline), json.subarray(at)])
}

const newline = 0x0a

function breakChecksum(event: Uint8Array): Uint8Array {
  const broken = event.slice()
  broken[broken.length - 1] = ~(broken.at(-1) ?? 0)
  return broken
}

/** InvokeModel's events are in base64; those of Converse are the payload itself, with padding at its end. */
function breakPayload(event: Uint8Array, payload: Uint8Array, kind: Exclude<Malformed, 'frame'>): Uint8Array {
  const headers = getAwsHeaders(event)
  const value = parseJson(decoder.decode(payload))
  const event64 = readText(value, 'bytes')
  const json = event64 === null ? null : decodeBase64(event64)
  if (json !== null) {
    const bytes = encodeBase64(breakJson(json, kind, 'last'))
    return encodeFrame(headers, encoder.encode(JSON.stringify({ ...(value as object), bytes })))
  }
  const end = kind === 'utf8' ? findPadding(payload) : payload.length
  const broken = breakJson(payload.subarray(0, end), kind, 'last')
  return encodeFrame(headers, joinBytes([broken, payload.subarray(end)]))
}

/** The offset of the member `p`, which Bedrock adds after all others. */
function findPadding(payload: Uint8Array): number {
  const name = listStrings(payload).findLast(({ isName }) => isName)
  return name === undefined ? payload.length : name.start - 1
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()
