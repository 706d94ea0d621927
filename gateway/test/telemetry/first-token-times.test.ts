import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { computeMedian, createFirstTokenTimes } from '../../src/telemetry/first-token-times.ts'

test('keeps the newest 32 times of each upstream and model', () => {
  const times = createFirstTokenTimes()

  for (let ms = 1; ms <= 100; ms += 1) times.note('a', 'opus', ms)
  times.note('a', 'haiku', 5)
  times.note('b', 'opus', 7)
  const list = times.list()

  expect(list.map(({ upstream, model }) => `${upstream} ${model}`)).toEqual(['a opus', 'a haiku', 'b opus'])
  expect(list[0]?.recentMs.toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 32 }, (_, index) => 69 + index),
  )
  expect(list[1]?.recentMs).toEqual([5])
})

test('counts all times in the histogram, in seconds', () => {
  const times = createFirstTokenTimes()

  for (let ms = 1; ms <= 100; ms += 1) times.note('a', 'opus', ms)
  const { values } = times.getMetric()

  const find = (suffix: string) => values.find(({ metricName = '' }) => metricName.endsWith(suffix))
  expect(find('_count')).toMatchObject({ value: 100, labels: { upstream: 'a', model: 'opus' } })
  expect(find('_sum')?.value).toBeCloseTo(5.05, 9)
})

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(computeMedian([])).toBeNull()
  expect(computeMedian([3])).toBe(3)
  expect(computeMedian([9, 1, 5])).toBe(5)
  expect(computeMedian([1, 9, 3, 5])).toBe(4)
})

test('half of the values are on each side of the median', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
      const median = computeMedian(values) ?? Number.NaN

      expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2)
      expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2)
    }),
  )
})
