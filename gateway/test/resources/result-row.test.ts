import { expect, test } from 'vitest'

import { readResultLine } from '../../src/resources/result-row.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { succeeded } from './batches.ts'

const sonnet = 'claude-sonnet-4-5-20250929'
const longWindow = 'context-1m-2025-08-07'

// "Pricing" of November 2025, Sonnet 4.5 in a batch: $1.50 per million tokens, and $3 for prompts above 200,000 with
// the beta header of the longer window, which ended on 2026-04-30.
test.each([
  ['without the beta', '2026-04-29T23:59:59.999Z', [], 200_001 * 1_500],
  ['with the beta', '2026-04-29T23:59:59.999Z', ['a', longWindow], 200_001 * 3_000],
  ['with the beta when it had ended', '2026-04-30T00:00:00.000Z', ['a', longWindow], 200_001 * 1_500],
])('prices a result as of the day and with the betas of its batch: %s', (_, madeAt, betas, costNanoUsd) => {
  const line = succeeded('a', { model: sonnet, input: 200_001, output: 0 })

  const price = priceIn(batch({ created_at_ms: Date.parse(madeAt), betas }), line)

  expect(price).toMatchObject({ ok: true, totalNanoUsd: BigInt(costNanoUsd) })
})

test('creates the same row for a line whenever it is read, also after the batch was settled', () => {
  const line = Buffer.from(succeeded('a', { model: sonnet }))

  const rows = [batch(), batch({ settled_at_ms: 7 })].map((resource) =>
    readResultLine(resource, line, 1, catalogPrices),
  )

  expect(rows[0]).toEqual(rows[1])
  expect(rows[0]).toMatchObject({
    kind: 'row',
    row: {
      start: { id: 'msgbatch_1/a', key_id: 'key_1', started_at_ms: 1_770_000_000_000 },
      end: { total_ms: null },
    },
  })
})

test('has half of the price although the usage does not mention the batch', () => {
  const line = succeeded('a', { model: sonnet }).replace(',"service_tier":"batch"', '')

  // 1,000 x $1.50 and 100 x $7.50 per million.
  expect(priceIn(batch(), line)).toMatchObject({ totalNanoUsd: 2_250_000n })
})

const catalogPrices = { rates: undefined, fallback: null, models: new Map() }

function priceIn(resource: Resource, line: string) {
  const result = readResultLine(resource, Buffer.from(line), 1, catalogPrices)
  return result.kind === 'row' ? result.row.end?.price : result
}

function batch(given: Partial<Resource> = {}): Resource {
  return {
    id: 'msgbatch_1',
    kind: 'batch',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    upstream: 'recorder',
    created_at_ms: 1_770_000_000_000,
    settled_at_ms: null,
    models: { [sonnet]: sonnet },
    betas: [],
    hold_nano_usd: null,
    process_id: null,
    ...given,
  }
}
