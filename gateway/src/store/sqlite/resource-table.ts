import type { DatabaseSync } from 'node:sqlite'

import { rollBack } from './database.ts'

/** What an upstream keeps for a key: a message batch or a file. */
export interface Resource {
  readonly id: string
  readonly kind: 'batch' | 'file'
  readonly key_id: string
  /** The account that has it. */
  readonly upstream: string
  readonly created_at_ms: number
  /** When a batch's results were all in the ledger, or it was found to have none any more; null until then, and for files. */
  readonly settled_at_ms: number | null
  /** Of a batch: the names that the client used, with the ids of the models they meant. */
  readonly models: Readonly<Record<string, string>>
  /** Of a batch: the betas that were sent, which its price may depend on. */
  readonly betas: readonly string[]
}

export type ResourceChange =
  | { readonly kind: 'created'; readonly resource: Resource }
  | { readonly kind: 'settled'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'deleted'; readonly id: string }

export type ResourceQuery =
  | { readonly kind: 'with_ids'; readonly ids: readonly string[] }
  /** Newest first. */
  | { readonly kind: 'of_key'; readonly keyId: string; readonly resourceKind: Resource['kind'] }
  /** Batches that are not settled, oldest first, behind the one with the id `after`. */
  | { readonly kind: 'unsettled'; readonly after: string | null; readonly limit: number }

export interface ResourceTable {
  /** Makes the changes in one transaction. */
  apply(changes: readonly ResourceChange[]): void
  query(query: ResourceQuery): readonly Resource[]
}

export function createResourceTable(database: DatabaseSync): ResourceTable {
  // An upstream that gives an id again has lost the item that had it, as the emulator does when it starts afresh.
  const insert = database.prepare(
    `INSERT INTO resources (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
  const settle = database.prepare(
    'UPDATE resources SET settled_at_ms = ? WHERE id = ? AND settled_at_ms IS NULL',
  )
  const remove = database.prepare('DELETE FROM resources WHERE id = ?')
  const byId = database.prepare('SELECT * FROM resources WHERE id = ?')
  const ofKey = database.prepare('SELECT * FROM resources WHERE key_id = ? AND kind = ? ORDER BY seq DESC')
  const unsettled = database.prepare(
    `SELECT * FROM resources WHERE kind = 'batch' AND settled_at_ms IS NULL
     AND seq > coalesce((SELECT seq FROM resources WHERE id = ?), 0) ORDER BY seq LIMIT ?`,
  )

  function make(change: ResourceChange): void {
    switch (change.kind) {
      case 'created': {
        const { resource } = change
        const { id, kind, key_id, upstream, created_at_ms, settled_at_ms } = resource
        const facts = [JSON.stringify(resource.models), JSON.stringify(resource.betas)]
        insert.run(id, kind, key_id, upstream, created_at_ms, settled_at_ms, ...facts)
        return
      }
      case 'settled':
        settle.run(change.atMs, change.id)
        return
      case 'deleted':
        remove.run(change.id)
    }
  }

  return {
    apply(changes) {
      if (changes.length === 0) return
      database.exec('BEGIN IMMEDIATE')
      try {
        for (const change of changes) make(change)
        database.exec('COMMIT')
      } catch (error) {
        rollBack(database)
        throw error
      }
    },
    query(query) {
      switch (query.kind) {
        case 'with_ids':
          return query.ids.flatMap((id) => byId.all(id)).map(readResource)
        case 'of_key':
          return ofKey.all(query.keyId, query.resourceKind).map(readResource)
        case 'unsettled':
          return unsettled.all(query.after, query.limit).map(readResource)
      }
    },
  }
}

const columns = [
  'id',
  'kind',
  'key_id',
  'upstream',
  'created_at_ms',
  'settled_at_ms',
  'models',
  'betas',
] as const satisfies readonly (keyof Resource)[]

function readResource(row: Readonly<Record<string, unknown>>): Resource {
  const settledAtMs = row['settled_at_ms']
  return {
    id: String(row['id']),
    kind: row['kind'] === 'file' ? 'file' : 'batch',
    key_id: String(row['key_id']),
    upstream: String(row['upstream']),
    created_at_ms: Number(row['created_at_ms']),
    settled_at_ms: settledAtMs === null ? null : Number(settledAtMs),
    // Both were written by `apply` above.
    models: JSON.parse(String(row['models'])) as Record<string, string>,
    betas: JSON.parse(String(row['betas'])) as string[],
  }
}
