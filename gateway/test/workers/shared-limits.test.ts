import { expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { limitsOfAll, shareLimits } from '../../src/workers/shared-limits.ts'

test('one worker has all of every limit', () => {
  expect(shareLimits({ openStreams: 7 }, 1)).toEqual({ ...defaultLimits, openStreams: 7 })
})

test('divides what is limited for all calls together, and nothing else', () => {
  const shared = shareLimits({}, 4)

  const changed = Object.entries(shared).filter(
    ([name, limit]) => limit !== Object.entries(defaultLimits).find(([other]) => other === name)?.[1],
  )
  expect(changed.map(([name]) => name).toSorted((one, other) => one.localeCompare(other))).toEqual(
    limitsOfAll.toSorted((one, other) => one.localeCompare(other)),
  )
  expect(shared.openStreams).toBe(defaultLimits.openStreams / 4)
})

test('a part is large enough for one call with the largest body', () => {
  const shared = shareLimits({ heldBodyBytes: 40_000_000, bodyBytes: 32_000_000, openStreams: 2 }, 4)

  expect([shared.heldBodyBytes, shared.openStreams]).toEqual([32_000_000, 1])
})
