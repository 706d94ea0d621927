import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64Length, decodeBase64, encodeBase64, writeBase64 } from '../../src/aws/base64.ts'

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

test('writes at an offset and changes nothing beside it', () => {
  const target = new Uint8Array(10).fill(0x2e)

  writeBase64(Uint8Array.of(0xff), target, 3)

  expect(new TextDecoder().decode(target)).toBe('.../w==...')
})

describe('text that is not base64', () => {
  test.each([
    ['a wrong length', 'e30'],
    ['a foreign character', 'e3*='],
    ['the alphabet of URLs', '_-8='],
    ['a non-ASCII character', 'e3é='],
    ['padding in the middle', 'e30=e30='],
    ['nothing but padding', '===='],
    ['three padding characters', 'e==='],
    ['trailing bits', 'e31='],
    ['trailing bits after one byte', '/x=='],
    ['whitespace', 'e30=\n\n\n\n'],
  ])('rejects %s', (_, text) => {
    expect(decodeBase64(text)).toBeNull()
  })

  test('decodes only text that encodes back to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'eA0+/=-_ '.split('')), maxLength: 12 }), (text) => {
        const bytes = decodeBase64(text)

        if (bytes !== null) expect(encodeBase64(bytes)).toBe(text)
        else expect(Buffer.from(text, 'base64').toString('base64')).not.toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })
})
