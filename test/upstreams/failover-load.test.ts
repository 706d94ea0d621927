import { expect, test } from 'vitest'

import { runFailoverLoad } from './failover-load.ts'

const streams = 4_000

test('streams over three upstreams of which one fails at random are whole, and the bill is what the upstreams report', async () => {
  const report = await runFailoverLoad(streams, 7)

  expect(report.broken).toBe(0)
  expect(report.whole).toBeGreaterThanOrEqual(streams * 0.999)
  expect(report.whole + report.errors).toBe(streams)
  expect(report.cutUpstream).toBeGreaterThan(streams / 100)
  expect(report.answeredRows).toBe(report.answeredUpstream)
  expect(report.cutRows).toBe(report.cutUpstream)
  expect(report.ledgerTokens).toBe(report.upstreamTokens)
})
