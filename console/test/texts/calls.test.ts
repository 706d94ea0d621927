import { expect, test } from 'vitest'

import { callTexts } from '../../src/texts/calls.ts'

test('a count says whether it is complete, with the right number of its noun', () => {
  const counts = ['0', '1', '2'].map((count) => [
    callTexts.matching(count, true),
    callTexts.matching(count, false),
  ])

  expect(counts).toEqual([
    ['0 ended calls', 'No ended call among the latest calls'],
    ['1 ended call', 'At least 1 ended call'],
    ['2 ended calls', 'At least 2 ended calls'],
  ])
  expect(callTexts.newCalls(1, true)).toBe('At least 1 new call')
})
