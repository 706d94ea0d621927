import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeHex } from '../../src/body/hex.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'

test('pieces are joined in their order, into memory of any content', () => {
  const allocate = (bytes: number) => new Uint8Array(bytes).fill(0xa5)
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      const expected = pieces.flatMap((piece) => [...piece])

      expect([...joinBytes(pieces)]).toEqual(expected)
      expect([...joinBytes(pieces, allocate)]).toEqual(expected)
    }),
  )
})

test('a single piece is not copied', () => {
  const piece = Uint8Array.of(1, 2)

  expect(joinBytes([piece])).toBe(piece)
})

test('hexadecimal digits are those of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    }),
  )
})
