import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

import type { Receiver, UpstreamHandle } from '@anthology/wire'

/** A receiver that buffers: after a pause call `resume` here, not on the upstream. */
export interface ContentDecoding extends Receiver {
  resume(): void
}

/**
 * Decodes a compressed response before metering; the client gets plain bytes.
 * We request `identity`, but some upstreams compress anyway.
 */
export function decodeContent(inner: Receiver, handle: () => UpstreamHandle | null): ContentDecoding {
  let decoder: Transform | null = null
  let isEmpty = true

  return {
    head(status, headers) {
      const encoding = headers['content-encoding']?.trim().toLowerCase() ?? ''
      const create = decoders.get(encoding)
      if (create !== undefined) decoder = pipeInto(create(), inner, handle)
      else if (encoding !== '' && encoding !== 'identity') return inner.fail(unreadable(encoding))
      inner.head(status, headers)
    },
    chunk(bytes) {
      isEmpty = false
      return decoder === null ? inner.chunk(bytes) : decoder.write(bytes)
    },
    // An empty body is not a broken encoding: some responses without a body still have the header.
    end: () => (decoder === null || isEmpty ? inner.end() : void decoder.end()),
    fail: (error) => {
      decoder?.destroy()
      inner.fail(error)
    },
    resume: () => (decoder === null ? handle()?.resume() : void decoder.resume()),
  }
}

const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

function pipeInto(decoder: Transform, inner: Receiver, handle: () => UpstreamHandle | null): Transform {
  decoder.on('data', (bytes: Buffer) => {
    // Backpressure: a paused client pauses the decoder, and a full decoder pauses the upstream.
    if (!inner.chunk(bytes)) decoder.pause()
  })
  decoder.on('drain', () => handle()?.resume())
  decoder.on('end', () => inner.end())
  decoder.on('error', (error) => inner.fail(Object.assign(error, { code: 'BROKE_OFF' })))
  return decoder
}

function unreadable(encoding: string): Error {
  return Object.assign(new Error(`content-encoding ${encoding}`), { code: 'ENCODING_UNKNOWN' })
}
