import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBase64WithCrc } from '../../src/aws/read-base64-with-crc.ts'

test('reads the base64 of Node and the checksum of zlib, from any offset to any other', () => {
  const places = fc.record({ start: fc.nat({ max: 9 }), offset: fc.nat({ max: 9 }) })
  const rests = fc.constantFrom('', '"', '"}', '","p":"abcdefghijklmnop"}', '=', '====', '\u00ff'.repeat(20))
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.string(),
      rests,
      places,
      (bytes, before, rest, place) => {
        const { start, offset } = place
        const base64 = Buffer.from(Buffer.from(bytes).toString('base64'))
        const source = Buffer.concat([Buffer.alloc(start, 'A'), base64, Buffer.from(rest, 'latin1')])
        const target = Buffer.alloc(offset + bytes.length, '.')
        const reading = {
          source: createView(source),
          target: createView(target),
          at: start,
          to: offset,
          crc: crc32(before),
        }

        readBase64WithCrc(reading, source.length)

        expect(target.subarray(0, offset).toString()).toBe('.'.repeat(offset))
        expect(target.subarray(offset)).toEqual(Buffer.from(bytes))
        expect(reading).toMatchObject({
          at: start + base64.length,
          to: offset + bytes.length,
          crc: crc32(base64, crc32(before)),
        })
      },
    ),
    { numRuns: 1_000 },
  )
})

test('stops before the group with a byte that is no base64', () => {
  for (let wrongAt = 0; wrongAt < 24; wrongAt += 1) {
    for (const wrong of [0x22, 0x2d, 0x3d, 0x80, 0xff]) {
      const source = Buffer.from('QUJD'.repeat(6))
      source[wrongAt] = wrong
      const target = Buffer.alloc(18)
      const reading = { source: createView(source), target: createView(target), at: 0, to: 0, crc: 0 }
      const group = wrongAt >>> 2
      const isPadding = wrong === 0x3d && wrongAt % 4 === 3

      readBase64WithCrc(reading, source.length)

      expect(reading.at).toBe(4 * (isPadding ? group + 1 : group))
      expect(target.subarray(0, reading.to).toString()).toBe('ABC'.repeat(group) + (isPadding ? 'AB' : ''))
    }
  }
})

function createView({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
