import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { hasAsciiEscape } from '../../src/body/json-bytes.ts'

test.each([
  [String.raw`"\u0066ile_id"`, true],
  [String.raw`"\\\u0066"`, true],
  [String.raw`"${'\\n'.repeat(200)}\u0061"`, true],
  [String.raw`"${'a'.repeat(200)}\u0061"`, true],
  [String.raw`"\\u0066"`, false],
  [String.raw`"\u1066"`, false],
  [String.raw`"\u0"`, false],
  ['"\\', false],
  ['', false],
])('an escape of an ASCII letter in %s: %s', (json, expected) => {
  expect(hasAsciiEscape(Buffer.from(json))).toBe(expected)
})

test('finds an escape exactly where a string has one', () => {
  const piece = fc.constantFrom(
    'a',
    '0',
    'u',
    String.raw`\n`,
    String.raw`\\`,
    String.raw`\u00e9`,
    String.raw`\u0166`,
  )

  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(hasAsciiEscape(Buffer.from(`"${pieces.join('')}"`))).toBe(pieces.includes(String.raw`\u00e9`))
    }),
  )
})
