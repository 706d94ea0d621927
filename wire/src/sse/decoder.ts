import { WireError } from '../error.ts'
import { createLineSplitter } from './lines.ts'

export interface SseEvent {
  /** `message` where the stream names none, as the standard has it. */
  readonly event: string
  /** The `data` lines, joined with line feeds. */
  readonly data: string
  /** The last id that the stream has set so far, or an empty string. */
  readonly id: string
}

export interface SseLimits {
  readonly maxLineBytes: number
  /** Counts the `data` lines of one event. */
  readonly maxEventBytes: number
}

export interface SseDecoder {
  /** Takes the next bytes, cut anywhere, and gives the events they complete. */
  push(bytes: Uint8Array): SseEvent[]
  /**
   * What has come since the last blank line, line ends not counted. The standard
   * drops it when the stream ends; if there is any then, the stream was cut off.
   */
  readonly pendingBytes: number
  /** What the stream last asked for as the time to wait before reconnecting. */
  readonly retryMs: number | null
}

/**
 * Decodes an event stream as the WHATWG HTML standard interprets it ("Server-sent
 * events", 9.2.6): comments and unknown fields are skipped, an event without
 * data is none, and one that no blank line ends is not given.
 */
export function createSseDecoder({ maxLineBytes, maxEventBytes }: SseLimits): SseDecoder {
  const lines = createLineSplitter(maxLineBytes)
  let name = ''
  // Null until a data line came, for an empty one counts too.
  let data: string | null = null
  let dataBytes = 0
  let eventBytes = 0
  let id = ''
  let retryMs: number | null = null

  function takeField(line: Uint8Array): void {
    eventBytes += line.length
    const [field, value] = parseField(line)
    if (field === 'data') {
      dataBytes += line.length
      if (dataBytes > maxEventBytes)
        throw new WireError(
          'sse_event_too_long',
          `an event of the stream is longer than ${maxEventBytes} bytes`,
        )
      data = data === null ? value : `${data}\n${value}`
    } else if (field === 'event') {
      name = value
    } else if (field === 'id' && !value.includes('\0')) {
      id = value
    } else if (field === 'retry' && /^\d+$/.test(value)) {
      retryMs = Number(value)
    }
  }

  return {
    push(bytes) {
      const events: SseEvent[] = []
      lines.push(bytes, (line) => {
        if (line.length > 0) return takeField(line)
        if (data !== null) events.push({ event: name || 'message', data, id })
        name = ''
        data = null
        dataBytes = 0
        eventBytes = 0
      })
      return events
    },
    get pendingBytes() {
      return eventBytes + lines.pendingBytes
    },
    get retryMs() {
      return retryMs
    },
  }
}

// Lines are decoded when they are whole, so no character is ever cut in two.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** A line that starts with a colon is a comment: its field has no name. */
function parseField(line: Uint8Array): [field: string, value: string] {
  const text = utf8.decode(line)
  const colon = text.indexOf(':')
  if (colon < 0) return [text, '']
  return [text.slice(0, colon), text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)]
}
