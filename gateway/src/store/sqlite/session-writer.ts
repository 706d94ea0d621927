import type { DatabaseSync } from 'node:sqlite'

import type { CallValues } from '../../ledger/rollup.ts'
import { listSessionTimes } from '../../ledger/session-times.ts'

/** Returns a function that writes when the sessions of calls have calls, in the caller's transaction. */
export function createSessionWriter(database: DatabaseSync): (calls: Iterable<CallValues>) => void {
  const insert = database.prepare('INSERT INTO session_times VALUES (?, ?) ON CONFLICT DO NOTHING')
  /** Those that a committed transaction has stored. */
  const known = new Set<string>()
  return (calls) => {
    for (const time of listSessionTimes(calls)) {
      const name = time.join(' ')
      if (known.has(name)) continue
      if (known.size >= maxKnownTimes) known.clear()
      // One that this transaction inserts may be rolled back.
      if (insert.run(...time).changes === 0) known.add(name)
    }
  }
}

const maxKnownTimes = 50_000
