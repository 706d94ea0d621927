import { expect, test } from 'vitest'
import { toolTokens } from '../../src/index.ts'

test.each([
  ['bash', '2025-08-15', 245, 245],
  ['bash', '2026-11-22', 244, 325],
  ['text_editor_20250429', '2025-08-15', 700, 700],
  ['text_editor_20250728', '2026-11-22', 745, 974],
  ['computer', '2025-08-15', 735, 735],
])('has the tokens of %s on %s', (tool, day, tokens, since47) => {
  const row = toolTokens.findLast((each) => each.tool === tool && each.from <= day)

  expect(row).toMatchObject({ tokens, since47 })
})
