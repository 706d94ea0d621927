import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonBytes } from '../../src/tokens/json-size.ts'

test('counts the bytes of the JSON of any value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)))
    }),
  )
})

test.each([
  '',
  'a"b\\c',
  '\n\t\b\f\r',
  '\u0001\u001f',
  'é',
  '€',
  '😀',
  '\ud800',
  '\udc00',
  '\ud800x',
  '😀\ude00',
])('counts the text %j', (text) => {
  expect(jsonBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)))
})

test('counts a skipped object as empty', () => {
  const value = { source: { type: 'base64', data: 'A'.repeat(1000) } }

  expect(jsonBytes(value, ({ type }) => type === 'base64')).toBe('{"source":{}}'.length)
})

test('accepts any depth, cycles, and values without a JSON form', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]

  expect(jsonBytes(deep)).toBe(200_001)
  expect(jsonBytes(circle)).toBeLessThan(20)
  expect(jsonBytes(undefined)).toBe(0)
})
