import { type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

import type { Receiver, UpstreamHandle } from '@anthology/wire'

/**
 * Upstreams are asked for `identity`. One that compresses all the same is
 * decoded here, before anything is metered, and the client gets plain bytes.
 */
export function decodeContent(inner: Receiver, handle: () => UpstreamHandle | null): Receiver {
  let decoder: Transform | null = null

  return {
    head(status, headers) {
      const create = decoders[headers['content-encoding'] ?? '']
      if (create !== undefined) decoder = pipeInto(create(), inner, handle)
      inner.head(status, headers)
    },
    chunk: (bytes) => (decoder === null ? inner.chunk(bytes) : decoder.write(bytes)),
    end: () => (decoder === null ? inner.end() : void decoder.end()),
    fail: (error) => {
      decoder?.destroy()
      inner.fail(error)
    },
  }
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

function pipeInto(decoder: Transform, inner: Receiver, handle: () => UpstreamHandle | null): Transform {
  decoder.on('data', (bytes: Buffer) => {
    // A paused client pauses the decoder, and a full decoder the upstream.
    if (!inner.chunk(bytes)) decoder.pause()
  })
  decoder.on('drain', () => handle()?.resume())
  decoder.on('end', () => inner.end())
  decoder.on('error', (error) => inner.fail(Object.assign(error, { code: 'BROKE_OFF' })))
  return decoder
}
