import { expect, test } from 'vitest'

import { addressGroup, createRateCounter } from '../../src/port/connections.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('counts %s as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group)
})

test('allows the maximum per window, and again in the next window', () => {
  let nowMs = 1_000
  const totals = createRateCounter(2, 100, () => nowMs)

  const first = [totals.exceeds(), totals.exceeds(), totals.exceeds()]
  nowMs = 1_099
  const late = totals.exceeds()
  nowMs = 1_100
  const next = [totals.exceeds(), totals.exceeds(), totals.exceeds()]

  expect({ first, late, next }).toEqual({
    first: [false, false, true],
    late: true,
    next: [false, false, true],
  })
})
