import { joinBytes } from '@anthology/wire'
import { ZStream, Z_NO_FLUSH, Z_OK, Z_STREAM_END, zlibInflate, zlibInflateInit2 } from 'pako'

/**
 * Decodes the content of a response, although upstreams are asked for none: secrets have to be found in it. Null for an
 * unknown encoding, broken content, or more than `maxRecordedBytes`.
 */
export function decodeContent(bytes: Uint8Array, encoding = 'identity'): Uint8Array | null {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity' || name === '') return bytes
  return name === 'gzip' || name === 'deflate' ? inflate(bytes) : null
}

function inflate(packed: Uint8Array): Uint8Array | null {
  const stream = new ZStream()
  zlibInflateInit2(stream, detectHeader)
  stream.input = packed
  stream.avail_in = packed.length
  const parts: Uint8Array[] = []
  for (let length = 0; length < maxRecordedBytes; length += stream.next_out) {
    stream.output = new Uint8Array(partBytes)
    stream.next_out = 0
    stream.avail_out = partBytes
    const status = zlibInflate(stream, Z_NO_FLUSH)
    parts.push(stream.output.subarray(0, stream.next_out))
    if (status === Z_STREAM_END) return joinBytes(parts)
    if (status !== Z_OK || stream.next_out === 0) return null
  }
  return null
}

/** Reads the header of gzip or of zlib (zlib.net, inflateInit2). */
const detectHeader = 47
const partBytes = 65_536

/** The longest body that is recorded. */
export const maxRecordedBytes = 32 * 1024 * 1024
