import { indexBody } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readMaxTokens } from '../../src/calls/call.ts'

test.each([
  ['1024', 1_024],
  ['2e4', 20_000],
  ['1.9999999999999999999999e4', 20_000],
  [`20000.${'0'.repeat(200)}`, 20_000],
  ['0', null],
  ['-1', null],
  ['1.5', null],
  ['"64"', null],
  ['true', null],
  ['1e300', null],
  ['null', null],
])('max_tokens %s is read as %j', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test('max_tokens is the value that a JSON parser reads', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,30}(\.[0-9]{1,30})?(e-?[0-9]{1,2})?$/)
  fc.assert(
    fc.property(digits, (text) => {
      const value: unknown = JSON.parse(text)
      expect(read(text)).toBe(Number.isSafeInteger(value) && Number(value) > 0 ? value : null)
    }),
  )
})

function read(text: string): number | null {
  const body = Buffer.from(`{"model":"opus","max_tokens":${text}}`)
  const index = indexBody(body, new Set(['max_tokens']))
  if (!index.ok) throw new Error(index.message)
  return readMaxTokens({ body, index })
}
