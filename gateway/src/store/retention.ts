import { rollupSpans } from '../ledger/rollup.ts'
import { findUnitStart, rollupLevels } from '../ledger/rollup-levels.ts'
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

/** Whole days (UTC) of calls and whole months of sums are removed, so that sums of an hour stay the sums of its calls. */
export function planPruning({ callsMs, rollupsMs }: Retention, nowMs: number): Pruning {
  return {
    callsBeforeMs: callsMs === null ? null : findUnitStart(nowMs - callsMs, 'day'),
    rollupsBeforeMs: rollupsMs === null ? null : findUnitStart(nowMs - rollupsMs, 'month'),
  }
}

const spans = ['hour', ...rollupLevels.map(({ span }) => span)].map((span) => `'${span}'`)

/** Values: a time, and the largest number of rows. It names the spans, because the primary key begins with them. */
export const pruneRollups = `DELETE FROM rollups WHERE (span, start_ms, group_id, part) IN (
  SELECT span, start_ms, group_id, part FROM rollups WHERE span IN (${spans.join(', ')}) AND start_ms < ? LIMIT ?)`

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
