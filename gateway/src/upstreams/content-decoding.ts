import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'

import type { Receiver, UpstreamHandle } from '@anthology/wire'

/** A receiver that may buffer bytes. A paused consumer resumes this object, not the upstream. */
export interface ContentDecoding extends Receiver {
  resume(): void
  /** Stops decoding at once. The receiver is not called again. */
  destroy(): void
}

/**
 * Requests accept only `identity`. A response that is compressed anyway is decoded
 * here, before metering, and the client receives uncompressed bytes. A decoded body
 * may have `limitBytes` and `maxExpansion` times the received bytes.
 */
export function decodeContent(
  inner: Receiver,
  handle: () => UpstreamHandle | null,
  limitBytes: number,
): ContentDecoding {
  let create: CreateDecoder | undefined
  let decoder: Transform | null = null
  let isDestroyed = false
  let receivedBytes = 0
  let decodedBytes = 0

  function destroy(): void {
    isDestroyed = true
    decoder?.destroy()
  }

  function fail(error: Error): void {
    if (isDestroyed) return
    destroy()
    inner.fail(error)
  }

  function openDecoder(opened: Transform): Transform {
    opened.on('data', (bytes: Buffer) => {
      decodedBytes += bytes.byteLength
      if (decodedBytes > limitBytes + maxExpansion * receivedBytes) return fail(tooLarge())
      // A paused client pauses the decoder, and a full decoder pauses the upstream.
      if (!inner.chunk(bytes)) opened.pause()
    })
    opened.on('drain', () => handle()?.resume())
    opened.on('end', () => inner.end())
    opened.on('error', (error) => fail(Object.assign(error, { code: 'BROKE_OFF' })))
    return opened
  }

  return {
    head(status, headers) {
      const encodings = listEncodings(headers['content-encoding'])
      const [encoding, another] = encodings
      create = another === undefined ? decoders.get(encoding ?? '') : undefined
      if (encoding !== undefined && create === undefined) return fail(unreadable(encodings.join(', ')))
      inner.head(status, headers)
    },
    chunk(bytes) {
      if (isDestroyed) return true
      if (create === undefined) return inner.chunk(bytes)
      receivedBytes += bytes.byteLength
      decoder ??= openDecoder(create(bytes))
      return decoder.write(bytes)
    },
    end() {
      if (isDestroyed) return
      // Without a body there is nothing to decode: a 204, for example, may name an encoding too.
      if (decoder === null) inner.end()
      else decoder.end()
    },
    fail,
    resume: () => (decoder === null ? handle()?.resume() : void decoder.resume()),
    destroy,
  }
}

/** Events and JSON that are compressed shrink to a tenth or twentieth; only a body made for it expands a hundredfold. */
const maxExpansion = 100

type CreateDecoder = (first: Uint8Array) => Transform

const decoders: ReadonlyMap<string, CreateDecoder> = new Map<string, CreateDecoder>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Some servers leave out the zlib header, whose first byte ends in 8 (RFC 1950, 2.2).
  ['deflate', ([first = 8]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  // The largest window of this encoding (RFC 9659, 3); Node's default would be 128 MiB of memory per response.
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } })],
])

/** The encodings of a response besides `identity`, in the order in which they were applied. */
function listEncodings(header = ''): readonly string[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

function tooLarge(): Error {
  return Object.assign(new Error('the decoded answer is too large'), { code: 'ANSWER_TOO_LARGE' })
}

function unreadable(encoding: string): Error {
  return Object.assign(new Error(`content-encoding ${encoding}`), { code: 'ENCODING_UNKNOWN' })
}
