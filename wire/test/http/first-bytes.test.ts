import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyFirstBytes } from '../../src/http/first-bytes.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'

test('takes the preface of HTTP/2 for what it is once its first line is whole, and not before', () => {
  const protocols = Array.from({ length: preface.length }, (_, index) =>
    classifyFirstBytes(preface.subarray(0, index + 1)),
  )

  expect(protocols.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => null))
  expect(protocols.slice(15)).toEqual(Array.from({ length: 9 }, () => 'http2'))
})

test.each([
  'GET / HTTP/1.1',
  'POST /v1/messages HTTP/1.1',
  'PRI / HTTP/1.1',
  'PRI * HTTP/1.1\r\n',
  '\r\nGET',
  '\0',
])('takes %j for HTTP/1.1', (text) => {
  expect(classifyFirstBytes(utf8.encode(text))).toBe('http1')
})

test('takes the record of a handshake for TLS', () => {
  expect(classifyFirstBytes(Uint8Array.of(0x16, 3, 1))).toBe('tls')
})

test('never changes its result with more bytes', () => {
  const start = fc.oneof(fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 24 }).map(cut))
  fc.assert(
    fc.property(start, fc.uint8Array(), (bytes, more) => {
      const early = classifyFirstBytes(bytes)
      if (early !== null) expect(classifyFirstBytes(joinBytes([bytes, more]))).toBe(early)
    }),
  )
})

function cut(length: number): Uint8Array {
  return preface.subarray(0, length)
}

const utf8 = new TextEncoder()
/** RFC 9113, 3.4. */
const preface = utf8.encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
