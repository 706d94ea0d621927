import type { Price } from '@anthology/catalog'

import { announceCorrections } from '../budgets/announce-corrections.ts'
import { readInteger, readText } from '../store/database.ts'
import type { Database, Queries, SqlRow, SqlValue } from '../store/database.ts'
import { addRollups } from './add-rollups.ts'
import { components } from './call-row.ts'
import { expandLines } from './stored-call.ts'
import { createCorrectionChange } from './correction-change.ts'
import { rollupDimensions, summedColumns } from './rollup.ts'
import { callFactColumns } from './row-codec.ts'

export interface RerateOptions {
  readonly sinceMs: number
  /** Prices a stored call as the catalog and the configuration are now; null: its price cannot be known. */
  readonly priceCall: (call: SqlRow) => Price | null
  /** Computes the result and writes nothing. */
  readonly isDryRun: boolean
  readonly nowMs: () => number
}

export interface RerateResult {
  readonly calls: number
  readonly corrected: number
  /** Calls whose price cannot be computed again; they keep their cost. */
  readonly skipped: number
  readonly differenceNanoUsd: bigint
}

/**
 * Prices stored calls again and writes the differences as corrections, with the rollups in the same transaction. The
 * rows of calls stay as they are. A second run finds no differences. The budgets of running servers follow at once.
 */
export async function rerateCalls(database: Database, options: RerateOptions): Promise<RerateResult> {
  const result = { calls: 0, corrected: 0, skipped: 0, differenceNanoUsd: 0n }
  let place: readonly SqlValue[] = [options.sinceMs, options.sinceMs, '']
  for (;;) {
    const page = await database.transaction(async (queries) => {
      const nowMs = options.nowMs()
      const before = result.corrected
      const calls = await readPage(queries, place)
      for (const call of calls) {
        const difference = await findDifference(queries, call, options.priceCall(call))
        result.calls += 1
        if (difference === 'skipped') result.skipped += 1
        else if (difference !== null) {
          result.corrected += 1
          result.differenceNanoUsd += difference.amounts.at(-1) ?? 0n
          if (!options.isDryRun) await writeCorrection(queries, call, { ...difference, nowMs })
        }
      }
      if (result.corrected > before && !options.isDryRun) await announceCorrections(queries, nowMs)
      return calls
    })
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return result
    place = [readInteger(last, 'started_at_ms'), readInteger(last, 'started_at_ms'), readText(last, 'id')]
  }
}

/** A transaction of a page holds up the calls of a running server for some milliseconds. */
const pageSize = 100

async function readPage(queries: Queries, place: readonly SqlValue[]): Promise<readonly SqlRow[]> {
  const rows = await queries.query(
    `SELECT ${callFactColumns.join(', ')} FROM calls WHERE usage IS NOT NULL AND outcome IS NOT NULL
       AND started_at_ms >= ? AND (started_at_ms > ? OR id > ?) ORDER BY started_at_ms, id LIMIT ${pageSize}`,
    place,
  )
  return rows.map(expandLines)
}

interface Difference {
  /** In the order of `summedColumns`; the last is the difference of the cost. */
  readonly amounts: readonly bigint[]
  /** The change of the number of calls without a price. */
  readonly unpriced: bigint
  readonly rateCard: string | null
  /** The number of the correction, from 1. */
  readonly number: number
}

/** Null: the price is right. */
async function findDifference(
  queries: Queries,
  call: SqlRow,
  price: Price | null,
): Promise<Difference | 'skipped' | null> {
  if (price?.ok !== true) return 'skipped'
  const earlier = await queries.query(
    `SELECT unpriced, ${summedColumns.join(', ')} FROM corrections WHERE call_id = ?`,
    [readText(call, 'id')],
  )
  const sum = (name: string) => earlier.reduce((total, row) => total + readInteger(row, name), 0n)
  const right = sumPrice(price)
  const amounts = summedColumns.map((name) => (right.get(name) ?? 0n) - BigInt(call[name] ?? 0) - sum(name))
  const isUnpriced = call['unpriced_because'] !== null || call['cost_nano_usd'] === null
  const unpriced = BigInt(price.unpriced.length > 0) - BigInt(isUnpriced) - sum('unpriced')
  if (amounts.every((amount) => amount === 0n) && unpriced === 0n) return null
  if (amounts.some((amount) => BigInt.asIntN(64, amount) !== amount)) return 'skipped'
  return { amounts, unpriced, rateCard: price.rateCard, number: earlier.length + 1 }
}

/** The columns of a price. */
function sumPrice(price: Extract<Price, { ok: true }>): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>([['cost_nano_usd', price.totalNanoUsd]])
  const add = (name: string, amount: bigint) => sums.set(name, (sums.get(name) ?? 0n) + amount)
  for (const { component, quantity, costNanoUsd } of price.lines) {
    if (!components.some((name) => name === component)) continue
    add(`${component}_quantity`, quantity)
    add(`${component}_nano_usd`, costNanoUsd)
  }
  return sums
}

async function writeCorrection(
  queries: Queries,
  call: SqlRow,
  { amounts, unpriced, rateCard, number, nowMs }: Difference & { readonly nowMs: number },
): Promise<void> {
  const id = readText(call, 'id')
  const startedAtMs = readInteger(call, 'started_at_ms')
  const dimensions = rollupDimensions.map(
    (name) => call[name]?.toString() || (name === 'workspace_id' ? 'default' : ''),
  )
  const values = [`${id}~${number}`, id, startedAtMs, nowMs, rateCard, unpriced, ...dimensions, ...amounts]
  await queries.query(
    `INSERT INTO corrections (id, call_id, started_at_ms, corrected_at_ms, rate_card, unpriced,
       ${[...rollupDimensions, ...summedColumns].join(', ')}) VALUES (${values.map(() => '?').join(', ')})`,
    values,
  )
  const change = createCorrectionChange({ startedAtMs: Number(startedAtMs), dimensions, unpriced, amounts })
  await addRollups(queries, [change])
}
