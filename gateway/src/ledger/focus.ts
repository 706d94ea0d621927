import type { Usage } from '@anthology/catalog'

import { readInteger, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { components, parseRowId } from './call-row.ts'
import type { Component } from './call-row.ts'
import { expandLines } from './stored-call.ts'
import type { Charge, ChargeSums } from './focus-charge.ts'
import { describeCharge } from './focus-columns.ts'
import { readOwnerNames } from './owner-names.ts'
import { findRemovedCalls, findSummedHours } from './rollup-sums.ts'
import { rollupSpans, summedColumns } from './rollup.ts'
import { callFactColumns } from './row-codec.ts'
import type { Period } from './usage-filter.ts'

export interface FocusOptions {
  readonly period: Period
  readonly unit: 'hour' | 'day'
}

/**
 * Exports charges as records of FOCUS 1.2 (focus.finops.org), in the order of `focusColumns`; null is a missing value.
 * Reads the calls in order of time and holds the charges of one hour or day.
 */
export async function* exportFocus(
  queries: Queries,
  { period, unit }: FocusOptions,
): AsyncGenerator<readonly (string | null)[]> {
  const names = await readOwnerNames(queries)
  const spanMs = rollupSpans[unit]
  let charges = new Charges()
  for await (const row of readRows(queries, period)) {
    const startMs = Math.floor(readNumber(row, 'started_at_ms') / spanMs) * spanMs
    if (charges.startMs !== startMs) {
      yield* charges.list().map(([charge, sums]) => describeCharge(charge, sums, names))
      charges = new Charges(startMs)
    }
    charges.add(row, { startMs, endMs: startMs + spanMs })
  }
  yield* charges.list().map(([charge, sums]) => describeCharge(charge, sums, names))
}

/** The time before which calls of the period are removed, so that their charges are missing; null: none is missing. */
export async function findRemovedCharges(
  queries: Queries,
  { sinceMs, untilMs }: Period,
): Promise<number | null> {
  const { startMs } = await findSummedHours(queries)
  const removedMs = await findRemovedCalls(queries)
  const firstMs = Math.max(startMs, sinceMs)
  return firstMs < Math.min(removedMs, untilMs) ? removedMs : null
}

class Charges {
  readonly startMs: number | null
  readonly #sums = new Map<string, readonly [Charge, ChargeSums]>()

  constructor(startMs: number | null = null) {
    this.startMs = startMs
  }

  add(row: SqlRow, span: Pick<Charge, 'startMs' | 'endMs'>): void {
    const isCorrection = row['call_id'] !== undefined
    const isCall = !isCorrection && parseRowId(readText(row, 'id')).attempt === null
    for (const component of components) {
      const costNanoUsd = row[`${component}_nano_usd`] ?? null
      if (costNanoUsd === null || (isCorrection && costNanoUsd === 0n)) continue
      const charge = { ...span, ...readDimensions(row, component), component, isCorrection }
      const place = Object.values(charge).join('\u0000')
      const [, sums] = this.#sums.get(place) ?? [charge, { quantity: 0n, costNanoUsd: 0n, requests: 0n }]
      this.#sums.set(place, [charge, sums])
      sums.quantity += readInteger(row, `${component}_quantity`)
      sums.costNanoUsd += readInteger(row, `${component}_nano_usd`)
      sums.requests += BigInt(isCall)
    }
  }

  list(): readonly (readonly [Charge, ChargeSums])[] {
    return [...this.#sums.values()]
  }
}

function readDimensions(
  row: SqlRow,
  component: Component,
): Omit<Charge, 'startMs' | 'endMs' | 'component' | 'isCorrection'> {
  const text = (name: string) => row[name]?.toString() ?? ''
  const usage = parseUsage(row['usage'])
  const price = row[`${component}_pico_usd`] ?? null
  return {
    model: text('model'),
    upstream: text('upstream'),
    platform: text('platform'),
    keyId: text('key_id'),
    workspaceId: text('workspace_id') || 'default',
    memberId: text('member_id'),
    labels: text('labels'),
    usageSource: text('usage_source'),
    rateCard: text('rate_card'),
    picoUsdPerUnit: typeof price === 'bigint' ? price : null,
    tier: text('protocol') === 'batches' ? 'batch' : (usage.service_tier ?? 'standard'),
    geo: usage.inference_geo ?? '',
    speed: usage.speed ?? '',
  }
}

function parseUsage(text: unknown): Pick<Usage, 'service_tier' | 'inference_geo' | 'speed'> {
  try {
    const usage: unknown = typeof text === 'string' ? JSON.parse(text) : null
    return typeof usage === 'object' && usage !== null ? usage : {}
  } catch {
    return {}
  }
}

/** Calls and corrections by start, in pages. */
async function* readRows(queries: Queries, { sinceMs, untilMs }: Period): AsyncGenerator<SqlRow> {
  const calls = readTable(queries, 'calls', { sinceMs, untilMs })
  const corrections = readTable(queries, 'corrections', { sinceMs, untilMs })
  let correction = await corrections.next()
  for await (const call of calls) {
    while (
      correction.done !== true &&
      readNumber(correction.value, 'started_at_ms') < readNumber(call, 'started_at_ms')
    ) {
      yield correction.value
      correction = await corrections.next()
    }
    yield call
  }
  while (correction.done !== true) {
    yield correction.value
    correction = await corrections.next()
  }
}

async function* readTable(
  queries: Queries,
  table: 'calls' | 'corrections',
  { sinceMs, untilMs }: Period,
): AsyncGenerator<SqlRow> {
  const columns = table === 'calls' ? callFactColumns : correctionColumns
  let place: readonly (string | bigint | number)[] = [sinceMs, sinceMs, '']
  for (;;) {
    const rows = await queries.query(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE started_at_ms >= ? AND (started_at_ms > ? OR id > ?)
         AND started_at_ms < ? ORDER BY started_at_ms, id LIMIT ${pageSize}`,
      [...place, untilMs],
    )
    yield* table === 'calls' ? rows.map(expandLines) : rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < pageSize) return
    place = [readInteger(last, 'started_at_ms'), readInteger(last, 'started_at_ms'), readText(last, 'id')]
  }
}

const pageSize = 1_000

const correctionColumns: readonly string[] = [
  'id',
  'call_id',
  'started_at_ms',
  'rate_card',
  'model',
  'key_id',
  'workspace_id',
  'member_id',
  'upstream',
  'platform',
  'protocol',
  'usage_source',
  'labels',
  ...summedColumns,
]
