import { resolve } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { CallEnd } from '../../src/ledger/call-row.ts'
import { createCallCounts } from '../../src/telemetry/call-counts.ts'
import type { SettledCall } from '../../src/telemetry/call-record.ts'
import { opus } from '../samples.ts'

test('counts every call once, for every outcome and status', () => {
  const outcome = fc.constantFrom(
    'answered',
    'upstream_error',
    'client_closed',
    'upstream_aborted',
    'key_revoked',
    'shut_down',
    'unknown' as const,
  )
  const status = fc.option(fc.integer({ min: 100, max: 599 }))
  const calls = fc.array(fc.record({ outcome, status, billable: fc.boolean() }), { maxLength: 30 })

  fc.assert(
    fc.property(calls, (given) => {
      const counts = createCallCounts()
      for (const call of given) counts.add(settled(call))

      const values = listValues(counts, 'anthology_calls_total')
      expect(values.reduce((sum, { value }) => sum + value, 0)).toBe(given.length)
      for (const { labels, value } of values) {
        const alike = given.filter(
          (call) =>
            call.outcome === labels['outcome'] &&
            (call.status === null ? 'none' : `${Math.trunc(call.status / 100)}xx`) === labels['status'] &&
            (call.billable ? 'chat' : 'count_tokens') === labels['operation'],
        )
        expect(value).toBe(alike.length)
      }
    }),
  )
})

test('loses no nano-dollar above the range of a number', () => {
  const counts = createCallCounts()
  const huge = 2n ** 53n

  for (const totalNanoUsd of [huge, 1n, 1n]) counts.add(settled({ totalNanoUsd }))

  expect(listValues(counts, 'anthology_cost_nano_usd_total').map(({ value }) => value)).toEqual([
    Number(huge + 2n),
  ])
})

test.each([
  ['text', '7'],
  ['a fraction', 1.5],
  ['less than nothing', -3],
  ['more than there can be', 1e300],
  ['nothing', null],
])('reads a token count of %s as 0', (_, input_tokens) => {
  const counts = createCallCounts()

  counts.add({ ...settled({}), usage: { input_tokens, output_tokens: 2 } })

  const tokens = listValues(counts, 'anthology_tokens_total').map(({ labels, value }) => [
    labels['kind'],
    value,
  ])
  expect(tokens).toEqual([
    ['input', 0],
    ['cache_read', 0],
    ['cache_write', 0],
    ['output', 2],
  ])
})

test('counts no duration, tokens or cost for a free call', () => {
  const counts = createCallCounts()

  counts.add({ ...settled({ billable: false, totalNanoUsd: 5n }), usage: { input_tokens: 7 } })

  expect(listValues(counts, 'anthology_cost_nano_usd_total')[0]?.value).toBe(0)
  expect(listValues(counts, 'anthology_tokens_total').every(({ value }) => value === 0)).toBe(true)
  expect(listValues(counts, 'anthology_call_duration_seconds').every(({ value }) => value === 0)).toBe(true)
})

function listValues(counts: ReturnType<typeof createCallCounts>, name: string) {
  return counts.getMetrics().find((metric) => metric.name === name)?.values ?? []
}

interface Given {
  readonly outcome?: CallEnd['outcome']
  readonly status?: number | null
  readonly billable?: boolean
  readonly totalNanoUsd?: bigint
}

function settled({ outcome = 'answered', status = 200, billable = true, totalNanoUsd }: Given): SettledCall {
  const found = resolve(opus)
  if (!found.ok) throw new Error(`${opus} is in the catalog`)
  return {
    protocol: 'messages',
    operation: billable ? 'chat' : 'count_tokens',
    model: found.model.id,
    upstream: 'main',
    row: {
      outcome,
      status,
      total_ms: 10,
      first_byte_ms: 5,
      first_token_ms: null,
      usage_source: null,
      price:
        totalNanoUsd === undefined ? null : { ok: true, rateCard: '', lines: [], totalNanoUsd, unpriced: [] },
    },
    usage: null,
  }
}
