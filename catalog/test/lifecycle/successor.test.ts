import { expect, test } from 'vitest'
import { findSuccessor } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

test.each([
  ['claude-opus-4-1', '2026-06-04', null],
  ['claude-opus-4-1', '2026-06-05', 'claude-opus-4-8'],
  ['claude-3-opus-latest', '2025-08-15', 'claude-opus-4-1-20250805'],
  ['claude-3-opus-latest', '2026-11-22', 'claude-opus-4-8'],
  // Before the release of Sonnet 5.5, the earlier edition of the page applies.
  ['claude-sonnet-4-0', '2026-05-01', 'claude-sonnet-4-6'],
  ['claude-sonnet-4-0', '2026-11-22', 'claude-sonnet-5-5'],
  ['claude-3-5-sonnet-latest', '2025-11-15', 'claude-sonnet-4-5-20250929'],
  ['claude-mythos-preview', '2026-11-22', 'claude-mythos-5'],
  ['claude-opus-5-5', '2026-11-22', null],
])('the successor of %s on %s is %s', (name, asOf, id) => {
  expect(findSuccessor(modelNamed(name), asOf)?.id ?? null).toBe(id)
})
