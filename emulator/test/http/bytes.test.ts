import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { concatBytes } from '../../src/http/bytes.ts'

test('parts are joined in order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect([...concatBytes(parts)]).toEqual(parts.flatMap((part) => [...part]))
    }),
  )
})
