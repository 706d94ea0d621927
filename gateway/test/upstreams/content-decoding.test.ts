import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzip,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'

import type { Receiver } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { decodeContent } from '../../src/upstreams/content-decoding.ts'
import { until } from '../condition.ts'

test('resumes where its receiver has paused', async () => {
  const text = 'one event after the other\n'.repeat(20_000)
  const receiver = createReceiver({ pauseAlways: true })
  const decoding = decodeContent(receiver, () => null, limitBytes)

  decoding.head(200, { 'content-encoding': 'gzip' })
  decoding.chunk(gzipSync(text))
  decoding.end()
  await until('the first bytes arrived', () => receiver.chunks === 1)
  while (!receiver.ended) {
    const seen = receiver.chunks
    decoding.resume()
    await until('more arrived', () => receiver.chunks > seen || receiver.ended)
  }

  expect(receiver.text()).toBe(text)
})

test('resumes the upstream once the decoder has room', async () => {
  const receiver = createReceiver({ pauseAlways: false })
  let resumed = 0
  const decoding = decodeContent(
    receiver,
    () => ({ resume: () => (resumed += 1), abort: () => {} }),
    limitBytes,
  )
  const bytes = gzipSync(Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7_919) % 251)))

  decoding.head(200, { 'content-encoding': 'gzip' })
  const accepted = decoding.chunk(Buffer.concat(Array.from({ length: 60 }, () => bytes)))

  expect(accepted).toBe(false)
  await until('the upstream was resumed', () => resumed > 0)
})

test('forwards the bytes of a response without an encoding', () => {
  const receiver = createReceiver({ pauseAlways: false })
  let resumed = 0
  const decoding = decodeContent(
    receiver,
    () => ({ resume: () => (resumed += 1), abort: () => {} }),
    limitBytes,
  )

  decoding.head(200, { 'content-encoding': 'identity' })
  decoding.chunk(Buffer.from('as it is'))
  decoding.end()
  decoding.resume()

  expect(receiver.text()).toBe('as it is')
  expect(receiver.ended).toBe(true)
  expect(resumed).toBe(1)
})

test.each([['gzip, br'], ['compress'], ['constructor']])('fails on the encoding %s', (encoding) => {
  const receiver = createReceiver({ pauseAlways: false })
  const decoding = decodeContent(receiver, () => null, limitBytes)

  decoding.head(200, { 'content-encoding': encoding })

  expect(receiver.failure).toMatchObject({ code: 'ENCODING_UNKNOWN' })
})

test('accepts a response that names an encoding and has no body', () => {
  const receiver = createReceiver({ pauseAlways: false })
  const decoding = decodeContent(receiver, () => null, limitBytes)

  decoding.head(529, { 'content-encoding': 'gzip' })
  decoding.end()

  expect(receiver).toMatchObject({ ended: true, failure: null, chunks: 0 })
})

const encodings = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['identity, gzip', gzipSync],
] as const

describe.each(encodings)('a body in %s', (encoding, compress) => {
  const text = 'a text that is not cut off '.repeat(20)

  test('is decoded', async () => {
    const receiver = createReceiver({ pauseAlways: false })
    const decoding = decodeContent(receiver, () => null, limitBytes)

    decoding.head(200, { 'content-encoding': encoding })
    for (const byte of compress(text)) decoding.chunk(Buffer.from([byte]))
    decoding.end()
    await until('it ended', () => receiver.ended || receiver.failure !== null)

    expect([receiver.text(), receiver.failure]).toEqual([text, null])
  })

  test('is an error if it is cut off', async () => {
    const receiver = createReceiver({ pauseAlways: false })
    const decoding = decodeContent(receiver, () => null, limitBytes)
    const whole = compress(text)

    decoding.head(200, { 'content-encoding': encoding })
    decoding.chunk(whole.subarray(0, whole.length - 3))
    decoding.end()
    await until('it ended', () => receiver.ended || receiver.failure !== null)

    expect(receiver.failure).toMatchObject({ code: 'BROKE_OFF' })
    expect(receiver.ended).toBe(false)
  })

  test('may not expand without bounds', async () => {
    const receiver = createReceiver({ pauseAlways: false })
    const decoding = decodeContent(receiver, () => null, 1_000)
    const bomb = compress(Buffer.alloc(30_000_000))

    decoding.head(200, { 'content-encoding': encoding })
    decoding.chunk(bomb)
    decoding.end()
    await until('it failed', () => receiver.failure !== null)

    expect(receiver.failure).toMatchObject({ code: 'ANSWER_TOO_LARGE' })
    expect(receiver.bytes()).toBeLessThanOrEqual(1_000 + 100 * bomb.length)
  })

  test('is decoded no further once nobody reads it', async () => {
    const receiver = createReceiver({ pauseAlways: false })
    const decoding = decodeContent(receiver, () => null, 1e9)

    decoding.head(200, { 'content-encoding': encoding })
    decoding.chunk(compress(Buffer.alloc(30_000_000)))
    await until('it began', () => receiver.chunks > 0)
    decoding.destroy()
    const seen = receiver.chunks
    // A second body takes its turn behind whatever the first one left in the thread pool.
    await promisify(gzip)(Buffer.alloc(5_000_000))

    expect(receiver).toMatchObject({ chunks: seen, ended: false, failure: null })
  })
})

test('a window above 8 MiB, which no browser would accept, is an error', async () => {
  const receiver = createReceiver({ pauseAlways: false })
  const decoding = decodeContent(receiver, () => null, 1e9)
  const params = { [constants.ZSTD_c_windowLog]: 25 }

  decoding.head(200, { 'content-encoding': 'zstd' })
  decoding.chunk(zstdCompressSync(randomBytes(20_000_000), { params }))
  await until('it failed', () => receiver.failure !== null)

  expect(receiver.failure).toMatchObject({ code: 'BROKE_OFF' })
})

const limitBytes = 1e8

function createReceiver({ pauseAlways }: { pauseAlways: boolean }) {
  const bytes: Uint8Array[] = []
  const seen = { ended: false, failure: null as Error | null, chunks: 0 } // Null until it fails.
  const receiver: Receiver = {
    head: () => {},
    chunk(chunk) {
      bytes.push(chunk)
      seen.chunks += 1
      return !pauseAlways
    },
    end: () => void (seen.ended = true),
    fail: (error) => void (seen.failure = error),
  }
  return Object.assign(seen, receiver, {
    text: () => Buffer.concat(bytes).toString(),
    bytes: () => Buffer.concat(bytes).length,
  })
}
