import { gzipSync } from 'node:zlib'

import type { Receiver } from '@anthology/wire'
import { expect, test } from 'vitest'

import { decodeContent } from '../../src/upstreams/content-decoding.ts'
import { until } from '../condition.ts'

test('resumes where its receiver has paused', async () => {
  const text = 'one event after the other\n'.repeat(20_000)
  const receiver = createReceiver({ pauseAlways: true })
  const decoding = decodeContent(receiver, () => null)

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
  const decoding = decodeContent(receiver, () => ({ resume: () => (resumed += 1), abort: () => {} }))
  const bytes = gzipSync(Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7_919) % 251)))

  decoding.head(200, { 'content-encoding': 'gzip' })
  const accepted = decoding.chunk(Buffer.concat(Array.from({ length: 60 }, () => bytes)))

  expect(accepted).toBe(false)
  await until('the upstream was resumed', () => resumed > 0)
})

test('forwards the bytes of a response without an encoding', () => {
  const receiver = createReceiver({ pauseAlways: false })
  let resumed = 0
  const decoding = decodeContent(receiver, () => ({ resume: () => (resumed += 1), abort: () => {} }))

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
  const decoding = decodeContent(receiver, () => null)

  decoding.head(200, { 'content-encoding': encoding })

  expect(receiver.failure).toMatchObject({ code: 'ENCODING_UNKNOWN' })
})

test('accepts a response that names an encoding and has no body', () => {
  const receiver = createReceiver({ pauseAlways: false })
  const decoding = decodeContent(receiver, () => null)

  decoding.head(529, { 'content-encoding': 'gzip' })
  decoding.end()

  expect(receiver).toMatchObject({ ended: true, failure: null, chunks: 0 })
})

test('fails on truncated compressed bytes', async () => {
  const receiver = createReceiver({ pauseAlways: false })
  const decoding = decodeContent(receiver, () => null)

  decoding.head(200, { 'content-encoding': 'gzip' })
  decoding.chunk(gzipSync('a text that is cut off').subarray(0, 20))
  decoding.end()
  await until('it failed', () => receiver.failure !== null)

  expect(receiver.failure).toMatchObject({ code: 'BROKE_OFF' })
  expect(receiver.ended).toBe(false)
})

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
  return Object.assign(seen, receiver, { text: () => Buffer.concat(bytes).toString() })
}
