import { WireError } from '../error.ts'

/**
 * Encodes one event; `json` is text that is JSON already. Line ends inside it,
 * which JSON only has as whitespace, become several `data` lines.
 */
export function encodeSse(event: string, json: string): Uint8Array {
  if (/[\r\n]/.test(event))
    throw new WireError('sse_bad_event_name', 'an event name cannot contain a line end')
  const data = /[\r\n]/.test(json) ? json.split(/\r\n|\r|\n/).join('\ndata: ') : json
  return utf8.encode(`event: ${event}\ndata: ${data}\n\n`)
}

const utf8 = new TextEncoder()
