import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeAround } from '../../src/http/bytes.ts'

test('texts of whatever letters stand around given bytes', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(text, fc.uint8Array(), text, (before, middle, behind) => {
      const utf8 = new TextEncoder()
      const parts = [utf8.encode(before), middle, utf8.encode(behind)]

      expect([...encodeAround(before, middle, behind)]).toEqual(parts.flatMap((part) => [...part]))
    }),
  )
})
