import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignColumns, wrapColumns, wrapText } from '../src/table.ts'

test('aligns columns to the left or right, with nothing at the end of a line', () => {
  const rows = [
    ['input', '1,000', 'tokens'],
    ['output', '5', ''],
  ]

  expect(alignColumns(rows, ['left', 'right'])).toEqual(['input   1,000  tokens', 'output      5'])
})

test('measures text without colour codes', () => {
  expect(
    alignColumns([
      ['\u001B[1mab\u001B[22m', 'x'],
      ['abcd', 'y'],
    ]),
  ).toEqual(['\u001B[1mab\u001B[22m    x', 'abcd  y'])
})

test('prints nothing for no rows', () => {
  expect(alignColumns([])).toEqual([])
})

test('wraps at blanks and leaves a long word whole', () => {
  expect(wrapText('an id like claude-opus-4-1-20250805 stays', 12)).toEqual([
    'an id like',
    'claude-opus-4-1-20250805',
    'stays',
  ])
})

test('keeps every word of a wrapped text, and the width except for long words', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/)),
      fc.integer({ min: 1, max: 40 }),
      (words, width) => {
        const lines = wrapText(words.join(' '), width)

        expect(lines.join(' ')).toBe(words.join(' '))
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true)
      },
    ),
  )
})

test('keeps rows of wrapped cells side by side', () => {
  expect(wrapColumns([['Strengths', 'very high intelligence', 'fast']], [10, 9, 6])).toEqual([
    'Strengths   very high  fast',
    '            intelligence',
  ])
})
