import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  base64Length,
  decodeBase64,
  decodeBase64Text,
  encodeBase64,
  encodeBase64Text,
  writeBase64,
} from '../../src/aws/base64.ts'

test('agrees with Node for any bytes, both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const encoded = encodeBase64(bytes)

      expect(encoded).toBe(Buffer.from(bytes).toString('base64'))
      expect(encoded).toHaveLength(base64Length(bytes.length))
      expect(decodeBase64(encoded)).toEqual(bytes)
    }),
  )
})

test('writes into a place and touches nothing beside it', () => {
  const target = new Uint8Array(10).fill(0x2e)

  writeBase64(Uint8Array.of(0xff), target, 3)

  expect(new TextDecoder().decode(target)).toBe('.../w==...')
})

describe('what is not base64', () => {
  test.each([
    ['a wrong length', 'e30'],
    ['a foreign character', 'e3*='],
    ['the alphabet of URLs', '_-8='],
    ['a character beyond ASCII', 'e3é='],
    ['padding in the middle', 'e30=e30='],
    ['nothing but padding', '===='],
    ['three padding characters', 'e==='],
    ['whitespace', 'e30=\n\n\n\n'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64(text)).toBeNull()
  })

  test('is any text but a padded one of the common alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'eA0+/=-_ '.split('')), maxLength: 12 }), (text) => {
        const isPadded = /^[^=]*={0,2}$/.test(text) && text.length % 4 === 0 && !/[-_ ]/.test(text)

        expect(decodeBase64(text)).toEqual(isPadded ? new Uint8Array(Buffer.from(text, 'base64')) : null)
      }),
      { numRuns: 1_000 },
    )
  })
})

test('ignores bits behind the last byte', () => {
  expect(decodeBase64('e31=')).toEqual(decodeBase64('e30='))
  expect(decodeBase64('/x==')).toEqual(Uint8Array.of(0xff))
})

test('text comes back as it was, and bytes that are no text give null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(decodeBase64Text(encodeBase64Text(text))).toBe(text)
    }),
  )
  expect(decodeBase64Text(encodeBase64Text('\u{feff}a'))).toBe('\u{feff}a')
  expect(['/w==', 'e30', '*'].map(decodeBase64Text)).toEqual([null, null, null])
})
