import { WireError } from '../error.ts'
import { joinBytes } from '../body/join-bytes.ts'
import type { Allocate } from '../body/join-bytes.ts'

/**
 * Encodes one event; `json` is JSON text. Line ends inside it, which JSON allows only as whitespace, become
 * several `data` lines.
 */
export function encodeSse(event: string, json: string): Uint8Array {
  return utf8.encode(`${encodeStart(event)}${lineEnd.test(json) ? breakLines(json) : json}\n\n`)
}

/**
 * Encodes bytes, which are copied unchanged. An event without a name gets no `event` line, as the standard
 * allows.
 */
export function encodeSseBytes(event: string, json: Uint8Array, allocate?: Allocate): Uint8Array {
  const isBroken = json.includes(lineFeed) || json.includes(carriageReturn)
  const data = isBroken ? utf8.encode(breakLines(decoder.decode(json))) : json
  const start = usualStarts.get(event) ?? utf8.encode(encodeStart(event))
  return joinBytes([start, data, blankLine], allocate)
}

function encodeStart(event: string): string {
  if (lineEnd.test(event))
    throw new WireError('sse_bad_event_name', 'an event name cannot contain a line end')
  return event === '' ? 'data: ' : `event: ${event}\ndata: `
}

function breakLines(json: string): string {
  return json.replaceAll(/\r\n|\r|\n/g, '\ndata: ')
}

const lineEnd = /[\r\n]/
const lineFeed = 0x0a
const carriageReturn = 0x0d
const utf8 = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const blankLine = utf8.encode('\n\n')
/** The first lines of the events of the Messages API. */
const usualStarts: ReadonlyMap<string, Uint8Array> = new Map(
  [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ].map((event) => [event, utf8.encode(encodeStart(event))]),
)
