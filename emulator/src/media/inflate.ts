import { ZStream, Z_NO_FLUSH, Z_OK, zlibInflate, zlibInflateInit2 } from 'pako'

import { joinBytes } from '@anthology/wire'

/**
 * Decompresses a zlib stream (RFC 1950) into at most `maxBytes`. A stream that is longer, truncated or malformed gives
 * its bytes up to there. Header and checksum are not verified: a stream that is damaged only there still counts.
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
/** Parts double from here on, so that a small stream costs little memory. */
const minPartBytes = 4_096
