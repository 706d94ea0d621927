import { rollupSpans } from '../ledger/rollup.ts'
import { findUnitStart } from '../ledger/rollup-levels.ts'
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

function parseDays(text: string): number | null {
  return text === 'forever' ? null : Number.parseInt(text, 10) * rollupSpans.day
}

function createError(message: string): GatewayError {
  return new GatewayError('config_invalid', message, { hint: 'For example: retention: { calls: 400d }' })
}

/** Rows that are older than their retention. The statements take the time and the largest number of rows. */
export interface Pruning {
  readonly statement: string
  readonly beforeMs: number
}

/** Whole hours of calls and whole months of sums are removed, so that sums of an hour stay the sums of its calls. */
export function planPruning({ callsMs, rollupsMs }: Retention, nowMs: number): readonly Pruning[] {
  const calls = { statement: pruneCalls, beforeMs: findUnitStart(floorHour(nowMs - (callsMs ?? 0)), 'hour') }
  const rollups = {
    statement: pruneRollups,
    beforeMs: findUnitStart(floorHour(nowMs - (rollupsMs ?? 0)), 'month'),
  }
  return [...(callsMs === null ? [] : [calls]), ...(rollupsMs === null ? [] : [rollups])]
}

function floorHour(timeMs: number): number {
  return Math.floor(timeMs / rollupSpans.hour) * rollupSpans.hour
}

const pruneCalls = `DELETE FROM calls WHERE (id, started_at_ms) IN (
  SELECT id, started_at_ms FROM calls WHERE started_at_ms < ? ORDER BY started_at_ms, id LIMIT ?)`

const pruneRollups = `DELETE FROM rollups WHERE (span, start_ms, group_id, part) IN (
  SELECT span, start_ms, group_id, part FROM rollups WHERE start_ms < ? LIMIT ?)`

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
