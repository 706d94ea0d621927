import { expect, test } from 'vitest'
import { isRecord, parseJson, readRecord, readText } from '../src/body/json-value.ts'

test('a record is an object that is not an array', () => {
  expect([{}, JSON.parse('{"__proto__":1}'), Object.create(null)].every(isRecord)).toBe(true)
  expect([null, undefined, [], [{}], 'text', 1, true].some(isRecord)).toBe(false)
})

test('reads a member of the requested type, and null for any other value', () => {
  const value = { text: 'a', inner: { text: 'b' }, list: [{}], none: null }

  expect(['text', 'inner', 'list', 'none', 'absent'].map((name) => readText(value, name))).toEqual([
    'a',
    null,
    null,
    null,
    null,
  ])
  expect(['text', 'inner', 'list', 'none', 'absent'].map((name) => readRecord(value, name))).toEqual([
    null,
    value.inner,
    null,
    null,
    null,
  ])
  expect([null, undefined, 'text', [value]].map((other) => readText(other, 'text'))).toEqual([
    null,
    null,
    null,
    null,
  ])
})

test('text that is not JSON parses as undefined, which is no JSON value', () => {
  expect(['null', '"x"', '{"a":1}'].map(parseJson)).toEqual([null, 'x', { a: 1 }])
  expect(['', '{', 'undefined', '{"a":1} x'].map(parseJson)).toEqual(Array(4).fill(undefined))
})
