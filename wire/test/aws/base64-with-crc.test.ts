import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeBase64WithCrc } from '../../src/aws/base64-with-crc.ts'

test('writes the base64 of Node and the checksum of zlib, from any offset to any other', () => {
  const places = fc.record({
    start: fc.nat({ max: 9 }),
    offset: fc.nat({ max: 9 }),
    behind: fc.nat({ max: 9 }),
  })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), places, (bytes, before, place) => {
      const { start, offset, behind } = place
      const source = Buffer.concat([Buffer.alloc(start, 1), bytes, Buffer.alloc(behind, 2)])
      const base64 = Buffer.from(Buffer.from(bytes).toString('base64'))
      const target = Buffer.alloc(offset + base64.length + behind, '.')
      const copy = { source: createView(source), target: createView(target), crc: crc32(before) }

      writeBase64WithCrc(copy, start, start + bytes.length, offset)

      expect(target.toString('latin1')).toBe(`${'.'.repeat(offset)}${base64.toString()}${'.'.repeat(behind)}`)
      expect(copy.crc).toBe(crc32(base64, crc32(before)))
    }),
    { numRuns: 1_000 },
  )
})

function createView({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
