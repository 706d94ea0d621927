import type { Queries } from '../store/database.ts'
import { components } from '../ledger/call-row.ts'
import type { Component } from '../ledger/call-row.ts'
import { createSumReader } from '../ledger/rollup-sums.ts'
import { getMeasure, rollupSpans } from '../ledger/rollup.ts'

/** What the ledger has of one day, model and component, for the compared upstreams. */
export interface LedgerSum {
  readonly day: string
  readonly model: string
  readonly component: Component
  readonly quantity: bigint
  readonly costNanoUsd: bigint
  /** The part of the quantity that is estimated, because the upstream had not reported it. */
  readonly estimatedQuantity: bigint
}

/** Days are UTC, `2026-11-22`; both are included. */
export interface DayRange {
  readonly firstDay: string
  readonly lastDay: string
}

/** Sums the ledger by UTC day, model and component. */
export async function readLedgerSums(
  queries: Queries,
  upstreams: ReadonlySet<string>,
  { firstDay, lastDay }: DayRange,
): Promise<readonly LedgerSum[]> {
  const reader = await createSumReader(queries, {
    dimensions: new Set(['upstream', 'model', 'usage_source']),
    matches: (dimensions) => upstreams.has(dimensions.upstream),
  })
  const sums: LedgerSum[] = []
  const lastMs = Date.parse(`${lastDay}T00:00:00Z`)
  for (let startMs = Date.parse(`${firstDay}T00:00:00Z`); startMs <= lastMs; startMs += rollupSpans.day) {
    const day = new Date(startMs).toISOString().slice(0, 10)
    for (const { dimensions, measures } of await reader.sum({ startMs, endMs: startMs + rollupSpans.day }))
      for (const component of components) {
        const quantity = getMeasure(measures, `${component}_quantity`)
        const costNanoUsd = getMeasure(measures, `${component}_nano_usd`)
        if (quantity === 0n && costNanoUsd === 0n) continue
        const estimatedQuantity = dimensions.usage_source === 'estimated' ? quantity : 0n
        sums.push({ day, model: dimensions.model, component, quantity, costNanoUsd, estimatedQuantity })
      }
  }
  return sums
}
