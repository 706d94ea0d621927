import { createByteBuffer } from '../body/byte-buffer.ts'
import { WireError } from '../error.ts'

export interface LineSplitter {
  /** Takes the next bytes, cut anywhere, and hands over each line they complete, without its end. */
  push(bytes: Uint8Array, takeLine: (line: Uint8Array) => void): void
  /** Bytes of the unfinished line at the end. */
  readonly pendingBytes: number
}

/**
 * Cuts an event stream into lines, which end with CRLF, LF or CR, and drops one
 * byte order mark in front (WHATWG HTML standard, "Parsing an event stream").
 */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  const buffer = createByteBuffer()
  let atStart = true
  let afterReturn = false

  function finishLine(piece: Uint8Array): Uint8Array {
    checkLength(buffer.length + piece.length)
    let line = piece
    if (buffer.length > 0) {
      buffer.append(piece)
      line = buffer.take()
    }
    if (!atStart) return line
    atStart = false
    return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line
  }

  /** The feed of a CRLF may come with a later chunk than its return. */
  function skipFeed(bytes: Uint8Array, at: number): number {
    afterReturn = at === bytes.length
    return bytes[at] === lineFeed ? at + 1 : at
  }

  function checkLength(length: number): void {
    if (length > maxLineBytes)
      throw new WireError(
        'sse_line_too_long',
        `a line of the event stream is longer than ${maxLineBytes} bytes`,
      )
  }

  return {
    push(bytes, takeLine) {
      let from = afterReturn ? skipFeed(bytes, 0) : 0
      let nextReturn = find(bytes, carriageReturn, from)
      let nextFeed = find(bytes, lineFeed, from)
      for (;;) {
        const end = Math.min(nextFeed, nextReturn)
        if (end === Infinity) break
        takeLine(finishLine(bytes.subarray(from, end)))
        from = end + 1
        if (end === nextReturn) {
          from = skipFeed(bytes, from)
          nextReturn = find(bytes, carriageReturn, from)
        }
        if (nextFeed < from) nextFeed = find(bytes, lineFeed, from)
      }
      const rest = bytes.subarray(from)
      checkLength(buffer.length + rest.length)
      buffer.append(rest)
    },
    get pendingBytes() {
      return buffer.length
    },
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

function find(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at < 0 ? Infinity : at
}
