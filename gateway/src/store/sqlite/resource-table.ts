import type { DatabaseSync } from 'node:sqlite'

import type { Resource, ResourceChange, ResourceListQuery, ResourceQuery } from '../../resources/resource.ts'
import { resourceColumns } from '../schema/resources.ts'

export interface ResourceTable {
  /** Applies changes in their order, in a transaction of the caller. */
  apply(changes: readonly ResourceChange[]): void
  query(query: ResourceQuery): readonly Resource[]
}

export function createResourceTable(database: DatabaseSync): ResourceTable {
  // An upstream that reuses an id has lost the earlier resource, as the emulator does when it restarts.
  const insert = database.prepare(
    `INSERT INTO resources (${resourceColumns.join(', ')}) VALUES (${resourceColumns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${resourceColumns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
  const settle = database.prepare(
    'UPDATE resources SET settled_at_ms = ? WHERE id = ? AND settled_at_ms IS NULL',
  )
  const hide = database.prepare(
    "UPDATE resources SET kind = 'deleted_batch' WHERE id = ? AND kind = 'batch' AND hold_nano_usd IS NOT NULL",
  )
  const remove = database.prepare("DELETE FROM resources WHERE id = ? AND kind <> 'deleted_batch'")
  const byIds = database.prepare(
    `SELECT resources.* FROM json_each(?) AS asked JOIN resources ON resources.id = asked.value
     WHERE resources.kind <> 'deleted_batch'`,
  )
  const readList = createListReader(database)
  // SQLite takes the index only for its own condition.
  const unsettled = database.prepare(
    `SELECT * FROM resources WHERE kind = 'batch' AND kind <> 'file' AND settled_at_ms IS NULL
     AND seq > coalesce((SELECT seq FROM resources WHERE id = ?), 0) ORDER BY seq LIMIT ?`,
  )

  function applyChange(change: ResourceChange): void {
    switch (change.kind) {
      case 'created': {
        const { resource } = change
        const { id, kind, key_id, workspace_id, member_id, labels, upstream } = resource
        const { created_at_ms, settled_at_ms } = resource
        const lists = [JSON.stringify(resource.models), JSON.stringify(resource.betas)]
        const owner = [key_id, workspace_id, member_id, labels]
        insert.run(
          id,
          kind,
          ...owner,
          upstream,
          created_at_ms,
          settled_at_ms,
          ...lists,
          resource.hold_nano_usd,
          // A journal of an older version has none.
          resource.process_id ?? null,
        )
        return
      }
      case 'settled':
        settle.run(change.atMs, change.id)
        return
      case 'deleted':
        hide.run(change.id)
        remove.run(change.id)
    }
  }

  return {
    apply(changes) {
      for (const change of changes) applyChange(change)
    },
    query(query) {
      switch (query.kind) {
        case 'with_ids':
          return byIds.all(JSON.stringify(query.ids)).map(readResource)
        case 'of_key':
          return readList(query)
        case 'unsettled':
          return unsettled.all(query.after, query.limit).map(readResource)
      }
    },
  }
}

/** Reads a part of a key's list by the index, however long the list is. */
function createListReader(database: DatabaseSync): (query: ResourceListQuery) => readonly Resource[] {
  const select = (where: string, order: 'ASC' | 'DESC') =>
    database.prepare(
      `SELECT id, kind, key_id, workspace_id, member_id, labels, upstream, created_at_ms, settled_at_ms, '{}' AS models, '[]' AS betas, hold_nano_usd, process_id
       FROM resources WHERE key_id = ?1 AND kind = ?2 AND ${where} ORDER BY seq ${order} LIMIT ?3`,
    )
  const seqOfCursor = '(SELECT seq FROM resources WHERE id = ?4 AND key_id = ?1 AND kind = ?2)'
  const newest = select('TRUE', 'DESC')
  const after = select(`seq <= ${seqOfCursor}`, 'DESC')
  const before = select(`seq >= ${seqOfCursor}`, 'ASC')
  const withIds = select('id IN (SELECT value FROM json_each(?4))', 'DESC')

  return ({ keyId, resourceKind, from, limit }) => {
    switch (from.kind) {
      case 'newest':
        return newest.all(keyId, resourceKind, limit).map(readResource)
      case 'after':
        return after.all(keyId, resourceKind, limit, from.id).map(readResource)
      case 'before':
        return before.all(keyId, resourceKind, limit, from.id).map(readResource).toReversed()
      case 'ids':
        return withIds.all(keyId, resourceKind, limit, JSON.stringify(from.ids)).map(readResource)
    }
  }
}

function readResource(row: Readonly<Record<string, unknown>>): Resource {
  const settledAtMs = row['settled_at_ms']
  return {
    id: String(row['id']),
    // Written by `apply` above; deleted batches are not read.
    kind: String(row['kind']) as Resource['kind'],
    key_id: String(row['key_id']),
    workspace_id: readText(row['workspace_id']),
    member_id: readText(row['member_id']),
    labels: readText(row['labels']),
    upstream: String(row['upstream']),
    created_at_ms: Number(row['created_at_ms']),
    settled_at_ms: settledAtMs === null ? null : Number(settledAtMs),
    // Both were written there too.
    models: JSON.parse(String(row['models'])) as Record<string, string>,
    betas: JSON.parse(String(row['betas'])) as string[],
    hold_nano_usd: typeof row['hold_nano_usd'] === 'number' ? row['hold_nano_usd'] : null,
    process_id: readText(row['process_id']),
  }
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
