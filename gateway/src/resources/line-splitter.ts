export interface LineSplitter {
  /** Takes the next bytes, cut anywhere, and hands over each line they complete; null stands for one that was too long. */
  push(bytes: Uint8Array, takeLine: (line: Uint8Array | null) => void): void
  /** Hands over the last line, which may have no end of its own. */
  finish(takeLine: (line: Uint8Array | null) => void): void
}

/** Cuts JSONL at line feeds; a return before one is whitespace to JSON. Never holds more than one line. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let pieces: Uint8Array[] = []
  let length = 0

  function append(piece: Uint8Array): void {
    length += piece.length
    // Of a line that is too long nothing needs to be kept but its length.
    if (length > maxLineBytes) pieces = []
    else if (piece.length > 0) pieces.push(piece)
  }

  function take(): Uint8Array | null {
    const [only] = pieces
    const whole = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
    const line = length > maxLineBytes ? null : whole
    pieces = []
    length = 0
    return line
  }

  return {
    push(bytes, takeLine) {
      let from = 0
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
        append(bytes.subarray(from, at))
        takeLine(take())
        from = at + 1
      }
      append(bytes.subarray(from))
    },
    finish(takeLine) {
      if (length > 0) takeLine(take())
    },
  }
}

const lineFeed = 0x0a
