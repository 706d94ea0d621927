import { deflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { inflateZlib } from '../../src/media/inflate.ts'

const enough = 1_000_000

test('unpacks whatever zlib packed, at any level', () => {
  const text = fc.string({ maxLength: 2_000 }).map((part) => new TextEncoder().encode(part.repeat(5)))
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 5_000 }), text)

  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 9 }), (plain, level) => {
      expect(inflateZlib(deflateSync(plain, { level }), enough)).toEqual(plain)
    }),
  )
})

test('unpacks more than a window with far references', () => {
  const plain = new Uint8Array(200_000).map((_, index) => (index * index) % 251)

  expect(inflateZlib(deflateSync(plain), enough)).toEqual(plain)
})

test('stops at the limit, however much more there is', () => {
  const bomb = deflateSync(new Uint8Array(10_000_000))

  expect(inflateZlib(bomb, 1_000)).toEqual(new Uint8Array(1_000))
})

test('gives what there is of a stream that breaks off, and never throws', () => {
  const plain = new TextEncoder().encode('to be or not to be, '.repeat(50))
  const packed = deflateSync(plain)

  for (let length = 0; length <= packed.length; length += 1) {
    const part = inflateZlib(packed.subarray(0, length), enough)
    expect(plain.subarray(0, part.length)).toEqual(part)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(inflateZlib(noise, 5_000).length).toBeLessThanOrEqual(5_000)
    }),
  )
})
