import type { DatabaseSync } from 'node:sqlite'

import { rollBack } from './database.ts'
import type { Resource, ResourceChange, ResourceQuery } from '../../resources/resource.ts'

export interface ResourceTable {
  /** Applies the changes in one transaction. */
  apply(changes: readonly ResourceChange[]): void
  query(query: ResourceQuery): readonly Resource[]
}

export function createResourceTable(database: DatabaseSync): ResourceTable {
  // An upstream that reuses an id has lost the earlier resource, as the emulator does when it restarts.
  const insert = database.prepare(
    `INSERT INTO resources (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
  const settle = database.prepare(
    'UPDATE resources SET settled_at_ms = ? WHERE id = ? AND settled_at_ms IS NULL',
  )
  const remove = database.prepare('DELETE FROM resources WHERE id = ?')
  const byId = database.prepare('SELECT * FROM resources WHERE id = ?')
  const byKey = database.prepare('SELECT * FROM resources WHERE key_id = ? AND kind = ? ORDER BY seq DESC')
  const unsettled = database.prepare(
    `SELECT * FROM resources WHERE kind = 'batch' AND settled_at_ms IS NULL
     AND seq > coalesce((SELECT seq FROM resources WHERE id = ?), 0) ORDER BY seq LIMIT ?`,
  )

  function applyChange(change: ResourceChange): void {
    switch (change.kind) {
      case 'created': {
        const { resource } = change
        const { id, kind, key_id, upstream, created_at_ms, settled_at_ms } = resource
        const lists = [JSON.stringify(resource.models), JSON.stringify(resource.betas)]
        insert.run(id, kind, key_id, upstream, created_at_ms, settled_at_ms, ...lists)
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
        for (const change of changes) applyChange(change)
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
          return byKey.all(query.keyId, query.resourceKind).map(readResource)
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
