import type { PoolClient } from 'pg'

import { GatewayError } from '../../errors.ts'

/** Throws `store_refused` for a PostgreSQL that does not have all statements that the store uses. */
export async function requireServerVersion(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string }>(
    "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name",
  )
  const [found] = rows
  if (found !== undefined) checkServerVersion(Number(found.number), found.name)
}

/** `number` is PostgreSQL's `server_version_num`, such as 180004 for 18.4. */
export function checkServerVersion(number: number, name: string): void {
  if (number >= minVersion) return
  throw new GatewayError('store_refused', `PostgreSQL ${name} is too old: the store needs 14 or newer`, {
    hint: 'Upgrade PostgreSQL, or name another server with --store URL.',
  })
}

/** The first that detaches a partition while others read (`DETACH PARTITION CONCURRENTLY`). */
const minVersion = 140_000
