import { betas } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { findUnknownBeta } from '../../../src/message/rules/known-betas.ts'

const today = { lifecycle: 'ignore', today: '2026-11-22' } as const

test('every value of the catalog is known, with an effect or without', () => {
  expect(
    findUnknownBeta(
      betas.map(({ value }) => value),
      today,
    ),
  ).toBeNull()
})

test('the values of Claude Code are known', () => {
  const sent =
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,effort-2025-11-24'

  expect(findUnknownBeta(sent.split(','), today)).toBeNull()
})

test.each([
  [['x'], '`x`'],
  [['context-1m-2025-08-07', 'x', 'y'], '`x`, `y`'],
  [['Context-1M-2025-08-07'], '`Context-1M-2025-08-07`'],
  [['x'.repeat(500)], `\`${'x'.repeat(100)}\``],
])('%j is refused by name', (values, shown) => {
  expect(findUnknownBeta(values, today)).toEqual({
    status: 400,
    message: `Unexpected value(s) ${shown} for the \`anthropic-beta\` header. Please consult our documentation at docs.claude.com or try again without the header.`,
  })
})

describe('a value of a later day', () => {
  const [later] = ['compact-2026-09-04']

  test('is known where every era is served', () => {
    expect(findUnknownBeta([later], { lifecycle: 'ignore', today: '2025-08-15' })).toBeNull()
  })

  test.each(['warn', 'enforce'] as const)('is not known where dates are meant: %s', (lifecycle) => {
    expect(findUnknownBeta([later], { lifecycle, today: '2025-08-15' })?.status).toBe(400)
    expect(findUnknownBeta([later], { lifecycle, today: '2026-11-22' })).toBeNull()
  })
})
