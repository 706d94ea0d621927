import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { callBounds, createHistogram, getHistogramSamples, observe } from '../../src/telemetry/histogram.ts'

test('counts a duration in its bucket and all larger ones', () => {
  const histogram = createHistogram([0.1, 1])

  for (const seconds of [0.1, 0.100001, 1, 1.5]) observe(histogram, seconds)

  expect(getHistogramSamples('d', histogram, { a: 'b' })).toEqual([
    { metricName: 'd_bucket', labels: { a: 'b', le: 0.1 }, value: 1 },
    { metricName: 'd_bucket', labels: { a: 'b', le: 1 }, value: 3 },
    { metricName: 'd_bucket', labels: { a: 'b', le: '+Inf' }, value: 4 },
    { metricName: 'd_sum', labels: { a: 'b' }, value: expect.closeTo(2.700001) },
    { metricName: 'd_count', labels: { a: 'b' }, value: 4 },
  ])
})

test('agrees with counting one by one, for any durations', () => {
  const durations = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { maxLength: 50 })

  fc.assert(
    fc.property(durations, (seconds) => {
      const histogram = createHistogram(callBounds)
      for (const one of seconds) observe(histogram, one)

      for (const { metricName, labels, value } of getHistogramSamples('d', histogram, {})) {
        if (metricName !== 'd_bucket') continue
        const bound = Number(String(labels['le']).replace('+Inf', 'Infinity'))
        expect(value).toBe(seconds.filter((one) => one <= bound).length)
      }
    }),
  )
})

test('has a sum that never falls, even if the clock goes back', () => {
  const histogram = createHistogram([0.1, 1])

  for (const seconds of [0.5, -3_600]) observe(histogram, seconds)

  expect(getHistogramSamples('d', histogram, {}).slice(-2)).toEqual([
    { metricName: 'd_sum', labels: {}, value: 0.5 },
    { metricName: 'd_count', labels: {}, value: 2 },
  ])
})
