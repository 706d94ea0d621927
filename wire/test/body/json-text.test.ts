import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createJsonText, listElements, listMembers, printJsonTexts } from '../../src/body/json-text.ts'
import { countValues } from '../../src/body/json-bounds.ts'

test('JSON texts are printed as they were written, and everything else as by JSON.stringify', () => {
  const value = { a: createJsonText('{ "9": 1.50, "1": [] }'), b: ['"', null, true, 1.5], c: undefined }

  expect(printJsonTexts(value)).toBe('{"a":{ "9": 1.50, "1": [] },"b":["\\"",null,true,1.5]}')
  fc.assert(
    fc.property(fc.jsonValue(), (plain) => {
      expect(JSON.parse(printJsonTexts(plain))).toEqual(JSON.parse(JSON.stringify(plain)))
    }),
  )
})

test('members and elements are found in any JSON, and the last of several members counts', () => {
  const element = fc.tuple(fc.jsonValue(), fc.constantFrom('', ' ', '\n\t'))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), element)), (pairs) => {
      const members = pairs.map(([name, [value, space]]) => {
        const text = JSON.stringify(value)
        return `${space}${JSON.stringify(name)}${space}:${space}${text}${space}`
      })
      const object = encode(`{${members.join(',')}}`)
      const array = encode(
        `[${pairs.map(([, [value, space]]) => `${space}${JSON.stringify(value)}`).join(',')}]`,
      )
      const last = new Map(pairs.map(([name, [value]]) => [name, JSON.stringify(value)]))

      const found = listMembers(object, { start: 0, end: object.length })
      const elements = listElements(array, { start: 0, end: array.length })

      expect([...found.keys()].sort()).toEqual([...last.keys()].sort())
      for (const [name, range] of found) expect(decode(object, range)).toBe(last.get(name))
      expect(elements.map((range) => decode(array, range))).toEqual(
        pairs.map(([, [value]]) => JSON.stringify(value)),
      )
    }),
  )
})

test('depth and number of values are counted outside strings', () => {
  const count = (text: string, maxDepth: number, maxValues = 100) =>
    countValues(encode(text), { maxDepth, maxValues })

  expect(count('{"a":[{"b":"[[[[\\"[["}]}', 3)).toBe(3)
  expect(count('{"a":[{"b":[]}]}', 3)).toBe('depth')
  expect(count('[[],[],[],[]]', 2)).toBe(8)
  expect(count('[1,",,,,",{"a":3}]', 9, 4)).toBe(4)
  expect(count('[1,2,3,4]', 9, 3)).toBe('values')
  expect(count('"unclosed', 2)).toBe(0)
})

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): string {
  return new TextDecoder().decode(bytes.subarray(start, end))
}
