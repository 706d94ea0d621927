import type { PoolClient } from 'pg'

import type { JournalPart, JournalPosition } from '../sink.ts'

/** The stored positions of one server's journals, by source. */
export async function readPositions(
  client: PoolClient,
  replica: string,
): Promise<ReadonlyMap<string, JournalPosition>> {
  const { rows } = await client.query<{ source: string; segment: bigint; position: bigint }>({
    ...select,
    values: [replica],
  })
  return new Map(
    rows.map(({ source, segment, position }) => [
      source,
      { segment: Number(segment), offset: Number(position) },
    ]),
  )
}

/** Stores positions in the caller's transaction; null removes one. */
export async function writePositions(
  client: PoolClient,
  replica: string,
  positions: JournalPart['positions'],
): Promise<void> {
  for (const [source, position] of positions) {
    if (position === null) await client.query({ ...remove, values: [replica, source] })
    else
      await client.query({
        ...upsert,
        values: [replica, source, position.segment, position.offset, Date.now()],
      })
  }
}

const select = {
  name: 'anthology_read_positions',
  text: 'SELECT source, segment, position FROM journal_positions WHERE replica = $1',
} as const

const upsert = {
  name: 'anthology_write_position',
  text: `INSERT INTO journal_positions (replica, source, segment, position, stored_at_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (replica, source) DO UPDATE SET segment = excluded.segment, position = excluded.position,
      stored_at_ms = excluded.stored_at_ms`,
} as const

const remove = {
  name: 'anthology_remove_position',
  text: 'DELETE FROM journal_positions WHERE replica = $1 AND source = $2',
} as const
