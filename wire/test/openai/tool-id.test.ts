import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeToolId } from '../../src/openai/tool-id.ts'

test('an id that the Messages API takes stays as it is', () => {
  expect(['toolu_01', 'call_a-B9', 'chatcmpl-tool-1'].map((id) => encodeToolId(id, 1))).toEqual([
    'toolu_01',
    'call_a-B9',
    'chatcmpl-tool-1',
  ])
})

test('ids of other models get the characters of the Messages API', () => {
  expect(encodeToolId('functions.w:0', 1)).toBe('esc_functions_2e_w_3a_0')
  expect(encodeToolId('call_1', 2)).toBe('esc_call_5f_1_-2')
})

test('any two calls have different ids, all in the form of the Messages API', () => {
  const id = fc.oneof(
    fc.string({ unit: fc.constantFrom('e', 's', 'c', '_', '-', '2', '5', 'f', '.', ':', 'é') }),
    fc.string(),
    fc.constantFrom('esc_', 'a', 'esc_a', 'esc_a_-2', 'a_-2'),
  )
  const call = fc.tuple(id, fc.integer({ min: 1, max: 30 }))
  fc.assert(
    fc.property(call, call, ([left, first], [right, second]) => {
      const [a, b] = [encodeToolId(left, first), encodeToolId(right, second)]

      expect(a).toMatch(/^[a-zA-Z0-9_-]+$/)
      expect(a === b).toBe(left === right && first === second)
    }),
  )
})
