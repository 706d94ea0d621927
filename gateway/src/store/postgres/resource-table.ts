import type { PoolClient } from 'pg'

import type { Resource, ResourceChange, ResourceListQuery, ResourceQuery } from '../../resources/resource.ts'
import { resourceColumns } from '../schema/resources.ts'
import type { Queries, SqlRow } from '../database.ts'
import { readNullable, readNumber, readText } from '../database.ts'
import { encodeArray } from './array-literal.ts'

/** Applies the changes in their order, in the caller's transaction. */
export async function applyChanges(client: PoolClient, changes: readonly ResourceChange[]): Promise<void> {
  for (const change of changes) await applyChange(client, change)
}

async function applyChange(client: PoolClient, change: ResourceChange): Promise<void> {
  switch (change.kind) {
    case 'created': {
      const { resource } = change
      const row = {
        ...resource,
        // A journal of an older version has none.
        process_id: resource.process_id ?? null,
        models: JSON.stringify(resource.models),
        betas: JSON.stringify(resource.betas),
      }
      await client.query({ ...upsert, values: resourceColumns.map((name) => row[name]) })
      return
    }
    case 'settled':
      await client.query({ ...settle, values: [change.atMs, change.id] })
      return
    case 'deleted':
      await client.query({ ...hide, values: [change.id] })
      await client.query({ ...remove, values: [change.id] })
  }
}

// An upstream that reuses an id has lost the earlier resource, as the emulator does when it restarts.
const upsert = {
  name: 'anthology_upsert_resource',
  text: `INSERT INTO resources (${resourceColumns.join(', ')}) VALUES (${resourceColumns.map((_, index) => `$${index + 1}`).join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${resourceColumns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
} as const
const settle = {
  name: 'anthology_settle_resource',
  text: 'UPDATE resources SET settled_at_ms = $1 WHERE id = $2 AND settled_at_ms IS NULL',
} as const
const hide = {
  name: 'anthology_hide_resource',
  text: "UPDATE resources SET kind = 'deleted_batch' WHERE id = $1 AND kind = 'batch' AND hold_nano_usd IS NOT NULL",
} as const
const remove = {
  name: 'anthology_remove_resource',
  text: "DELETE FROM resources WHERE id = $1 AND kind <> 'deleted_batch'",
} as const

export async function queryResources(queries: Queries, query: ResourceQuery): Promise<readonly Resource[]> {
  switch (query.kind) {
    case 'with_ids': {
      const sql =
        "SELECT * FROM resources WHERE id = ANY(CAST(? AS text[])) AND kind <> 'deleted_batch' ORDER BY seq"
      return (await queries.query(sql, [encodeArray(query.ids)])).map(readResource)
    }
    case 'of_key':
      return readList(queries, query)
    case 'unsettled': {
      const sql = `SELECT * FROM resources WHERE kind = 'batch' AND settled_at_ms IS NULL
        AND seq > coalesce((SELECT seq FROM resources WHERE id = ?), 0) ORDER BY seq LIMIT ?`
      return (await queries.query(sql, [query.after, query.limit])).map(readResource)
    }
  }
}

/** Reads a part of a key's list by the index, however long the list is. */
async function readList(queries: Queries, query: ResourceListQuery): Promise<readonly Resource[]> {
  const { keyId, resourceKind, from, limit } = query
  const select = async (where: string, order: 'ASC' | 'DESC', values: readonly string[]) => {
    const sql = `SELECT id, kind, key_id, workspace_id, member_id, labels, upstream, created_at_ms, settled_at_ms,
        '{}' AS models, '[]' AS betas, hold_nano_usd, process_id
      FROM resources WHERE key_id = ? AND kind = ? AND ${where} ORDER BY seq ${order} LIMIT ?`
    return (await queries.query(sql, [keyId, resourceKind, ...values, limit])).map(readResource)
  }
  const seqOfCursor = '(SELECT seq FROM resources WHERE id = ? AND key_id = ? AND kind = ?)'
  switch (from.kind) {
    case 'newest':
      return select('TRUE', 'DESC', [])
    case 'after':
      return select(`seq <= ${seqOfCursor}`, 'DESC', [from.id, keyId, resourceKind])
    case 'before':
      return (await select(`seq >= ${seqOfCursor}`, 'ASC', [from.id, keyId, resourceKind])).toReversed()
    case 'ids':
      return select('id = ANY(CAST(? AS text[]))', 'DESC', [encodeArray(from.ids)])
  }
}

function readResource(row: SqlRow): Resource {
  return {
    id: readText(row, 'id'),
    // Written by `applyChange` above; deleted batches are not read.
    kind: readText(row, 'kind') as Resource['kind'],
    key_id: readText(row, 'key_id'),
    workspace_id: readNullable(row, 'workspace_id', readText),
    member_id: readNullable(row, 'member_id', readText),
    labels: readNullable(row, 'labels', readText),
    upstream: readText(row, 'upstream'),
    created_at_ms: readNumber(row, 'created_at_ms'),
    settled_at_ms: readNullable(row, 'settled_at_ms', readNumber),
    // Both were written there too.
    models: JSON.parse(readText(row, 'models')) as Record<string, string>,
    betas: JSON.parse(readText(row, 'betas')) as string[],
    hold_nano_usd: readNullable(row, 'hold_nano_usd', readNumber),
    process_id: readNullable(row, 'process_id', readText),
  }
}
