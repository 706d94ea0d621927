/** Buffers bytes until the rest of their line or frame arrives. */
export interface ByteBuffer {
  readonly length: number
  append(bytes: Uint8Array): void
  /** The last byte that was appended. */
  last(): number | undefined
  peek(): Uint8Array
  /** Returns the appended bytes and empties the buffer. */
  take(): Uint8Array
}

/**
 * Grows by doubling, so that a peer that sends single bytes costs linear time and at most twice the memory of
 * what it sent.
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
      // The returned bytes must not be overwritten.
      buffer = empty
      length = 0
      return taken
    },
  }
}

const minBytes = 256
const empty = new Uint8Array(0)
