import { expect, test } from 'vitest'

import { killServer } from './failure-runs.ts'

// `node scripts/failures.ts kill-server` kills it a hundred times.

test('keeps every answered call after kill -9 under load, many times in a row', async () => {
  const check = await killServer({ kills: 6, callsPerKill: 100 })

  expect(check.answered).toBeGreaterThanOrEqual(6 * 100)
  expect(check.missing).toEqual([])
  // A stream whose headers reached the client has a row, even if nothing more is known of it.
  expect(check.withoutRow).toEqual([])
  expect(check.sumsAreRight).toBe(true)
  expect(Object.keys(check.rows).filter((outcome) => !possible.has(outcome))).toEqual([])
  expect(check.rows['unknown']).toBeGreaterThan(0)
  expect(check.unpriced).toBe(0)
})

const possible = new Set(['answered', 'unknown', 'client_closed'])
