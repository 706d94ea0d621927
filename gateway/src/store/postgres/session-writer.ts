import type { PoolClient } from 'pg'

import type { CallValues } from '../../ledger/rollup.ts'
import { listSessionTimes } from '../../ledger/session-times.ts'
import type { SessionTime } from '../../ledger/session-times.ts'
import { encodeArray } from './array-literal.ts'

/** Returns a function that writes when the sessions of calls have calls, in the caller's transaction. */
export function createSessionWriter(): (client: PoolClient, calls: Iterable<CallValues>) => Promise<void> {
  /** Those that a committed transaction has stored. */
  const known = new Set<string>()
  return async (client, calls) => {
    const missing = new Map<string, SessionTime>()
    for (const time of listSessionTimes(calls))
      if (!known.has(time.join(' '))) missing.set(time.join(' '), time)
    if (missing.size === 0) return
    const times = [...missing.values()]
    const values = [
      encodeArray(times.map(([session]) => session)),
      encodeArray(times.map(([, atMs]) => atMs)),
    ]
    const { rows } = await client.query<{ session_id: string; at_ms: bigint }>({ ...insert, values })
    if (known.size + missing.size > maxKnownTimes) known.clear()
    // One that this transaction has inserted may be rolled back.
    for (const { session_id: session, at_ms: atMs } of rows) missing.delete(`${session} ${atMs}`)
    for (const name of missing.keys()) known.add(name)
  }
}

// In the order of the key, so that two servers never wait for each other.
const insert = {
  name: 'anthology_insert_session_times',
  text: `INSERT INTO session_times (session_id, at_ms)
    SELECT * FROM unnest($1::text[], $2::bigint[]) AS added (session_id, at_ms)
    ORDER BY session_id, at_ms ON CONFLICT DO NOTHING RETURNING session_id, at_ms`,
} as const

const maxKnownTimes = 50_000
