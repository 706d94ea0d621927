import { parseJson, readText } from '../body/json-value.ts'

export interface SseEvent {
  /** `message` if the stream names none, as the standard requires. */
  readonly event: string
  /** The `data` lines, joined with line feeds. */
  readonly data: string
}

/**
 * Decodes one frame in any form that the WHATWG HTML standard allows ("Server-sent events", 9.2.6); comments
 * and other fields are skipped. Returns null for a frame without data or without its blank line. A byte order
 * mark is dropped before every frame, not only before the first.
 */
export function decodeFrame(frame: Uint8Array): SseEvent | null {
  const text = utf8.decode(frame)
  if (!/\n\r?\n$/.test(text.slice(-3)) && !/^\r?\n$/.test(text)) return null
  let event = ''
  const data: string[] = []
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start)
    // Any other line is a comment or a field that has no effect. There may be millions of them.
    const letter = text.charCodeAt(start)
    if (letter === letterD || letter === letterE) {
      const [field, value] = parseField(text.slice(start, text[feed - 1] === '\r' ? feed - 1 : feed))
      if (field === 'data') data.push(value)
      else if (field === 'event') event = value
    }
    start = feed + 1
  }
  return data.length === 0 ? null : { event: event === '' ? 'message' : event, data: data.join('\n') }
}

const letterD = 0x64
const letterE = 0x65

/** The name of an event; an event that is unnamed or named `message` takes the `type` of its data. */
export function nameEvent({ event, data }: SseEvent): string {
  return event === 'message' ? (readText(parseJson(data), 'type') ?? '') : event
}

/** A line that starts with a colon is a comment, that is, a field with an empty name. */
function parseField(line: string): [field: string, value: string] {
  const colon = line.indexOf(':')
  if (colon < 0) return [line, '']
  return [line.slice(0, colon), line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)]
}

const utf8 = new TextDecoder()
