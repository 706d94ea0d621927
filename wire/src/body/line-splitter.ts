import { createByteBuffer } from './byte-buffer.ts'

export interface LineSplitter {
  /**
   * Accepts the next bytes, cut anywhere, and passes on each line they complete; null stands for a line that
   * was too long.
   */
  push(bytes: Uint8Array, takeLine: (line: Uint8Array | null) => void): void
  /** Passes on the last line, which may lack a line end. */
  finish(takeLine: (line: Uint8Array | null) => void): void
}

/** Splits JSONL at line feeds; JSON treats a preceding carriage return as whitespace. Buffers at most one line. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  const buffer = createByteBuffer()
  let isTooLong = false

  function append(piece: Uint8Array): void {
    isTooLong ||= buffer.length + piece.length > maxLineBytes
    // A line that is too long need not be buffered.
    if (isTooLong) buffer.take()
    else buffer.append(piece)
  }

  function endLine(piece: Uint8Array): Uint8Array | null {
    // A line within one chunk is a view into that chunk.
    if (buffer.length === 0 && !isTooLong && piece.length <= maxLineBytes) return piece
    append(piece)
    const line = isTooLong ? null : buffer.take()
    isTooLong = false
    return line
  }

  return {
    push(bytes, takeLine) {
      let from = 0
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
        takeLine(endLine(bytes.subarray(from, at)))
        from = at + 1
      }
      append(bytes.subarray(from))
    },
    finish(takeLine) {
      if (buffer.length > 0 || isTooLong) takeLine(endLine(new Uint8Array(0)))
    },
  }
}

const lineFeed = 0x0a
