import type { PoolClient } from 'pg'

import { rollupSpans } from '../../ledger/rollup.ts'
import { readSessionTimes } from '../schema/sessions.ts'

/**
 * Returns a function that adds the times of the sessions of one hour, and returns false when no hour is due. Servers of a
 * version before these times may write calls for a while after the first server of this one has upgraded the tables.
 */
export function createSessionFill(nowMs: () => number): (client: PoolClient) => Promise<boolean> {
  /** The hours to fill; null: not known yet. */
  let hours: { nextMs: number; readonly endMs: number } | null = null
  return async (client) => {
    hours ??= await findHours(client)
    const { nextMs, endMs } = hours
    if (nextMs >= endMs || nextMs + rollupSpans.hour + longCallMs > nowMs()) return false
    const text = `INSERT INTO session_times (session_id, at_ms) ${readSessionTimes}
      AND started_at_ms >= ${nextMs} AND started_at_ms < ${nextMs + rollupSpans.hour}
      ORDER BY session_id, at_ms ON CONFLICT DO NOTHING`
    await client.query(text)
    hours = { nextMs: nextMs + rollupSpans.hour, endMs }
    return true
  }
}

async function findHours(client: PoolClient): Promise<{ readonly nextMs: number; readonly endMs: number }> {
  const { rows } = await client.query<{ first_ms: bigint | null; upgraded_ms: bigint | null }>(
    `SELECT min(applied_at_ms) AS first_ms, min(applied_at_ms) FILTER (WHERE version = ${sessionVersion}) AS upgraded_ms
     FROM schema_migrations`,
  )
  const [firstMs, upgradedMs] = [Number(rows[0]?.first_ms ?? 0), Number(rows[0]?.upgraded_ms ?? 0)]
  // The steps of a new database follow each other at once, and no older server has ever used it.
  if (upgradedMs - firstMs < minAgeMs) return { nextMs: 0, endMs: 0 }
  const beganMs = upgradedMs - longCallMs
  const nextMs = beganMs - (beganMs % rollupSpans.hour)
  return { nextMs, endMs: upgradedMs + maxOverlapMs }
}

/** The step of the schema that adds the table. */
const sessionVersion = 9
/** A row is written when its call ends; nearly all take less. */
const longCallMs = rollupSpans.hour
/** Servers are replaced one after another within this time. */
const maxOverlapMs = 2 * rollupSpans.day
const minAgeMs = 60_000
