import { deflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { inflateZlib } from '../../src/media/inflate.ts'

const enough = 1_000_000

test('decompresses any output of zlib, at any level, up to the limit', () => {
  const text = fc.string({ maxLength: 2_000 }).map((part) => new TextEncoder().encode(part.repeat(50)))
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 20_000 }), text)
  const limit = fc.oneof(fc.constant(enough), fc.nat(20_000))

  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 9 }), limit, (plain, level, maxBytes) => {
      expect(inflateZlib(deflateSync(plain, { level }), maxBytes)).toEqual(plain.subarray(0, maxBytes))
    }),
  )
})

test('stops at the limit, however much more there is', () => {
  const bomb = deflateSync(new Uint8Array(10_000_000))

  expect(inflateZlib(bomb, 1_000)).toEqual(new Uint8Array(1_000))
})

test('returns the bytes of a truncated stream, and all of one without its checksum', () => {
  const plain = new TextEncoder().encode('to be or not to be, '.repeat(50))
  const packed = deflateSync(plain)

  for (let length = 0; length <= packed.length; length += 1) {
    const part = inflateZlib(packed.subarray(0, length), enough)
    expect(plain.subarray(0, part.length)).toEqual(part)
    if (length >= packed.length - checksumBytes) expect(part).toEqual(plain)
  }
})

test('a malformed stream ends at its error, without an exception and within the limit', () => {
  const flipped = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), fc.nat(), fc.nat(7))
    .map(([plain, place, bit]) => {
      const packed = deflateSync(plain)
      packed[place % packed.length]! ^= 1 << bit
      return packed
    })

  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), flipped), (malformed) => {
      expect(inflateZlib(malformed, 5_000).length).toBeLessThanOrEqual(5_000)
    }),
  )
})

test('a block with oversubscribed codes is rejected, not decoded', () => {
  const packed = Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array.from({ length: 2_000 }, () => overfull)])

  expect(inflateZlib(packed, enough)).toEqual(new Uint8Array())
})

const checksumBytes = 4

/** 256 symbols with codes of one bit. A decoder that fills its table with them needs 20 ms for these 36 bytes. */
const overfull = Buffer.from('BOAFAAAAAAAQ5f///////////////////////////wAAAP//', 'base64')
