import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { classifyFirstBytes } from '../../src/port/first-bytes.ts'
import { preface } from './http2-frames.ts'

test('detects HTTP/2 once the first line of its preface is complete, and not before', () => {
  const speeches = Array.from({ length: preface.length }, (_, index) =>
    classifyFirstBytes(preface.subarray(0, index + 1)),
  )

  expect(speeches.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => null))
  expect(speeches.slice(15)).toEqual(Array.from({ length: 9 }, () => 'http2'))
})

test.each([
  'GET / HTTP/1.1',
  'POST /v1/messages HTTP/1.1',
  'PRI / HTTP/1.1',
  'PRI * HTTP/1.1\r\n',
  '\r\nGET',
  '\0',
])('detects HTTP/1.1 for %j', (text) => {
  expect(classifyFirstBytes(Buffer.from(text))).toBe('http1')
})

test('detects TLS by its handshake record', () => {
  expect(classifyFirstBytes(Buffer.from([0x16, 3, 1]))).toBe('tls')
})

test('never changes its result with more bytes', () => {
  const start = fc.oneof(fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 24 }).map(cut))
  fc.assert(
    fc.property(start, fc.uint8Array(), (bytes, more) => {
      const early = classifyFirstBytes(bytes)
      if (early !== null) expect(classifyFirstBytes(Buffer.concat([bytes, more]))).toBe(early)
    }),
  )
})

function cut(length: number): Uint8Array {
  return preface.subarray(0, length)
}
