import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findLoneSurrogate } from '../../src/body/lone-surrogate.ts'

test.each([
  // The place after the first half.
  [String.raw`"a\ud83d b"`, 'no low surrogate in string: line 1 column 9 (char 8)'],
  [String.raw`"\uD83D"`, 'no low surrogate in string: line 1 column 8 (char 7)'],
  [String.raw`"\ud83d\n"`, 'no low surrogate in string: line 1 column 8 (char 7)'],
  [String.raw`"\ud83d\ud83d\ude00"`, 'invalid low surrogate in string: line 1 column 8 (char 7)'],
  [String.raw`"\ud83dA"`, 'no low surrogate in string: line 1 column 8 (char 7)'],
  // The place of the second half itself.
  [String.raw`"ab\ude00"`, 'invalid high surrogate in string: line 1 column 4 (char 3)'],
  [String.raw`"\ud83d\ude00\ude00"`, 'invalid high surrogate in string: line 1 column 14 (char 13)'],
  // Columns count code points, and a line break begins a new line.
  [`["ä😀",\n "${String.raw`\udbff`}"]`, 'no low surrogate in string: line 2 column 9 (char 15)'],
  [String.raw`{"\ud800":1}`, 'no low surrogate in string: line 1 column 9 (char 8)'],
])('%s has half a pair', (text, reason) => {
  expect(JSON.parse(text)).toBeDefined()
  expect(findLoneSurrogate(text)).toBe(reason)
})

test.each([
  String.raw`"\ud83d\ude00"`,
  String.raw`"\uD83D\uDE00"`,
  String.raw`"\\ud83d"`,
  String.raw`"\\\\ud83d \u00e4 \ud7ff \ue000"`,
  '"😀"',
  '""',
])('%s has none', (text) => {
  expect(findLoneSurrogate(text)).toBeNull()
})

test('the text of any value has half a pair exactly if one of its strings does', () => {
  const half = fc.constantFrom('\ud83d', '\ude00', '\ud83d\ude00', 'a', '\\', '\\ud83d', '"')
  const text = fc.array(half, { maxLength: 5 }).map((parts) => parts.join(''))
  const value = fc.oneof(text, fc.array(text), fc.dictionary(text, text))

  fc.assert(
    fc.property(value, fc.boolean(), (given, indented) => {
      const strings = typeof given === 'string' ? [given] : Object.entries(given).flat()
      const isWellFormed = strings.every((each) => each.isWellFormed())

      expect(findLoneSurrogate(JSON.stringify(given, null, indented ? 2 : 0)) === null).toBe(isWellFormed)
    }),
  )
})
