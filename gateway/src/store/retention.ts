import { rollupSpans } from '../ledger/rollup.ts'
import { findUnitStart, rollupLevels } from '../ledger/rollup-levels.ts'
import { removedSumsMs } from './schema/rollups.ts'
import { GatewayError } from '../errors.ts'

/** `retention` of the configuration: a number of days, such as `400d`, or `forever`. */
export interface RetentionConfig {
  readonly calls?: string
  readonly rollups?: string
}

/** The time for which data is kept, in milliseconds; null: forever. */
export interface Retention {
  readonly callsMs: number | null
  readonly rollupsMs: number | null
}

export const keepForever: Retention = { callsMs: null, rollupsMs: null }

/**
 * The results of a Message Batch can be read for 29 days after its creation ("Batch processing", Claude docs). A row
 * that was removed before would be written and counted again.
 */
const minCallDays = 31

/** Throws a GatewayError for calls that would be removed too early, or kept longer than their sums. */
export function readRetention({ calls = 'forever', rollups = 'forever' }: RetentionConfig): Retention {
  const [callsMs, rollupsMs] = [parseDays(calls), parseDays(rollups)]
  if (callsMs !== null && callsMs < minCallDays * rollupSpans.day)
    throw createError(`retention.calls: must be at least ${minCallDays}d, not ${calls}`)
  if (rollupsMs !== null && (callsMs === null || rollupsMs < callsMs))
    throw createError('retention.rollups: must not be shorter than retention.calls')
  return { callsMs, rollupsMs }
}

/** Null for `forever`. */
export function parseDays(text: string): number | null {
  return text === 'forever' ? null : Number.parseInt(text, 10) * rollupSpans.day
}

function createError(message: string): GatewayError {
  return new GatewayError('config_invalid', message, { hint: 'For example: retention: { calls: 400d }' })
}

/** The times before which rows are older than their retention, in milliseconds; null: they are kept. */
export interface Pruning {
  readonly callsBeforeMs: number | null
  readonly rollupsBeforeMs: number | null
}

/** Rows of `rollup_progress`: a name and a time. */
export type RemovedTimes = readonly (readonly [name: string, beforeMs: number])[]

/** The plan of a round of removal. */
export interface Removal {
  /** The times that must be stored before any row is removed. */
  readonly announced: RemovedTimes
  /** False: reports that began before the times were stored may still read the rows. */
  readonly isDue: boolean
  readonly callsBeforeMs: number | null
  /** The stored time of sums. */
  readonly sumsBeforeMs: number | null
}

/**
 * Returns a function that plans a round from the stored times. Rows are removed in steps, so reports stop reading them
 * first: a round that finds a later time than the ones before it removes nothing.
 */
export function createRemovalPlan(
  retention: Retention,
  nowMs: () => number,
): (stored: RemovedTimes) => Removal {
  const known = new Map<string, number>()
  return (stored) => {
    const { callsBeforeMs, rollupsBeforeMs } = planPruning(retention, nowMs())
    const times = new Map(stored)
    const announced = (
      [
        ['removed_calls', callsBeforeMs ?? 0],
        ['removed_sums', rollupsBeforeMs ?? 0],
      ] as const
    ).filter(([name, beforeMs]) => beforeMs > (times.get(name) ?? 0))
    for (const [name, beforeMs] of announced) times.set(name, beforeMs)
    const isDue = [...times].every(([name, beforeMs]) => beforeMs <= (known.get(name) ?? 0))
    for (const [name, beforeMs] of times) known.set(name, beforeMs)
    return { announced, isDue, callsBeforeMs, sumsBeforeMs: times.get('removed_sums') ?? null }
  }
}

/** Whole days (UTC) of calls and whole months of sums are removed, so that sums of an hour stay the sums of its calls. */
export function planPruning({ callsMs, rollupsMs }: Retention, nowMs: number): Pruning {
  return {
    callsBeforeMs: callsMs === null ? null : findUnitStart(nowMs - callsMs, 'day'),
    rollupsBeforeMs: rollupsMs === null ? null : findUnitStart(nowMs - rollupsMs, 'month'),
  }
}

const spans = ['hour', ...rollupLevels.map(({ span }) => span)].map((span) => `'${span}'`)

/**
 * Value: the stored time. PostgreSQL chooses the index only for a time that it knows; a restore may have changed the
 * stored one meanwhile. The spans are named, because the primary key begins with them.
 */
export const oldRollups = `rollups WHERE span IN (${spans.join(', ')})
  AND start_ms < ? AND start_ms < ${removedSumsMs}`

/** Values: the stored time, and the largest number of rows. */
export const pruneRollups = `DELETE FROM rollups WHERE (span, start_ms, group_id, part) IN (
  SELECT span, start_ms, group_id, part FROM ${oldRollups} LIMIT ?)`

const firstTotalShareMs = `SELECT min(since_ms) FROM budget_leases JOIN budgets
  ON substr(budget_leases.name, 1, length(budgets.id) + 1) = budgets.id || ' '
  WHERE window_kind = 'total' AND deleted_at_ms IS NULL`

/**
 * Values: the time before which calls are removed, three times, and the largest number of rows. A correction stays
 * longer than its call, so that a restore can see that it was counted, and as long as a share of a budget without an end
 * that has counted the call.
 */
export const pruneCorrections = `DELETE FROM corrections WHERE id IN (
  SELECT id FROM corrections WHERE started_at_ms < ?
  AND started_at_ms < coalesce((${firstTotalShareMs}), ?)
  AND NOT EXISTS (SELECT 1 FROM calls WHERE started_at_ms < ?)
  ORDER BY started_at_ms, id LIMIT ?)`

/** Values: the day and the stored time before which sums are removed, and the largest number of rows. */
export const pruneRejections = `DELETE FROM rejected_calls WHERE (day, key_id, code) IN (
  SELECT day, key_id, code FROM rejected_calls WHERE day < ? AND ? <= ${removedSumsMs} LIMIT ?)`

/**
 * The time before which corrections may be removed: budgets without an end read those of the calls that this server has
 * counted since its start.
 */
export function limitCorrections(callsBeforeMs: number, startedAtMs: number): number {
  return Math.min(callsBeforeMs, findUnitStart(startedAtMs, 'day'))
}

/** The number of rows of a step, from the time that the one before took: it depends on the machine. */
export function adaptRows(rows: number, tookMs: number): number {
  return Math.min(maxStepRows, Math.max(10, Math.floor((rows * stepMs) / Math.max(tookMs, 0.1))))
}

/** The time that a step should take. */
const stepMs = 2
const maxStepRows = 1_000

/** The rows of the first step. */
export const firstStepRows = 50

/** Most calls of an hour have ended by then. Later ones cost a few more statements each. */
export const lateMs = 600_000
