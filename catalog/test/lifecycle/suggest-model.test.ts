import { expect, test } from 'vitest'

import { suggestModel } from '../../src/index.ts'

test.each([
  // The models of the page, and what its successors said of the days.
  ['2025-08-15', 'claude-sonnet-4-20250514'],
  ['2025-10-01', 'claude-sonnet-4-5-20250929'],
  ['2026-11-29', 'claude-sonnet-5-5'],
])('on %s it is %s', (day, id) => {
  expect(suggestModel(day)?.id).toBe(id)
})

test('before the first Sonnet there is none', () => {
  expect(suggestModel('2023-01-01')).toBeUndefined()
})
