/** Bytes that wait for the rest of their line or frame. */
export interface ByteBuffer {
  readonly length: number
  append(bytes: Uint8Array): void
  /** The last byte that was appended. */
  last(): number | undefined
  peek(): Uint8Array
  /** Gives what was appended and starts afresh. */
  take(): Uint8Array
}

/**
 * Grows by doubling, so that a peer who sends single bytes costs linear time
 * and no more memory than twice what it sent.
 */
export function createByteBuffer(): ByteBuffer {
  let buffer = empty
  let length = 0
  return {
    get length() {
      return length
    },
    append(bytes) {
      const needed = length + bytes.length
      if (needed > buffer.length) {
        const grown = new Uint8Array(Math.max(needed, 2 * buffer.length, minBytes))
        grown.set(buffer.subarray(0, length))
        buffer = grown
      }
      buffer.set(bytes, length)
      length = needed
    },
    last: () => buffer[length - 1],
    peek: () => buffer.subarray(0, length),
    take() {
      const taken = buffer.subarray(0, length)
      // What was given away must not be written over.
      buffer = empty
      length = 0
      return taken
    },
  }
}

const minBytes = 256
const empty = new Uint8Array(0)
