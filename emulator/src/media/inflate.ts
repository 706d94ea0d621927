import { ZStream, Z_NO_FLUSH, Z_OK, zlibInflate, zlibInflateInit2 } from 'pako'

import { joinBytes } from '@anthology/wire'

/**
 * Decompresses a zlib stream (RFC 1950) into at most `maxBytes`. A longer, truncated or malformed stream yields its bytes
 * up to that point. Header and checksum are not verified, so a stream that is damaged only there is still read.
 */
export function inflateZlib(packed: Uint8Array, maxBytes: number): Uint8Array {
  const stream = new ZStream()
  zlibInflateInit2(stream, withoutHeader)
  stream.input = packed.subarray(2)
  stream.avail_in = stream.input.length
  const parts: Uint8Array[] = []
  for (let length = 0; length < maxBytes; length += stream.next_out) {
    const size = Math.min(Math.max(minPartBytes, length), maxBytes - length)
    stream.output = new Uint8Array(size)
    stream.next_out = 0
    stream.avail_out = size
    const status = zlibInflate(stream, Z_NO_FLUSH)
    parts.push(stream.output.subarray(0, stream.next_out))
    if (status !== Z_OK || stream.avail_out > 0) break
  }
  return joinBytes(parts)
}

/** Raw deflate with the largest window, 2^15 bytes (zlib.net, inflateInit2). */
const withoutHeader = -15
/** Parts start at this size and double, so a small stream uses little memory. */
const minPartBytes = 4_096
