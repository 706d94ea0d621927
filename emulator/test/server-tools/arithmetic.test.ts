import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { evaluate } from '../../src/server-tools/arithmetic.ts'

test.each([
  ['2 + 3 * 4', '14'],
  ['(2 + 3) * 4', '20'],
  ['-2 ** 2', '-4'],
  ['2 ** 3 ** 2', '512'],
  ['2 ** -1', '0.5'],
  ['-7 % 3', '2'],
  ['7 % -3', '-2'],
  ['6 / 3', '2.0'],
  ['0.1 + 0.2', '0.30000000000000004'],
  ['1 / 100000', '1e-05'],
  ['10.0 ** 16', '1e+16'],
  ['2 ** 100', '1267650600228229401496703205376'],
])('%s is %s, as Python prints it', (source, text) => {
  expect(evaluate(source)).toEqual({ text })
})

test('a division by zero fails as it does in Python', () => {
  expect(evaluate('1 / (2 - 2)')).toEqual({ error: 'ZeroDivisionError: division by zero' })
})

test.each(['', 'import os', '1 +', '(1', '1 2', '9 ** 9 ** 9', '('.repeat(200), '2'.repeat(600), 'a.b()'])(
  '%j is not evaluated',
  (source) => {
    expect(evaluate(source)).toBeNull()
  },
)

test('sums, differences and products of whole numbers are exact', () => {
  const whole = fc.bigInt({ min: 0n, max: 10n ** 30n })
  fc.assert(
    fc.property(whole, whole, whole, (one, two, three) => {
      expect(evaluate(`${one} - ${two} * (${three} + 1)`)).toEqual({ text: String(one - two * (three + 1n)) })
    }),
  )
})

test('no text makes it throw', () => {
  const text = fc.string({
    unit: fc.constantFrom('0', '2', '9', '.', '+', '-', '*', '**', '/', '%', '(', ')', ' ', 'a'),
  })
  fc.assert(fc.property(text, (source) => void evaluate(source)))
})
