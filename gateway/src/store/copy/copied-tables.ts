import { DatabaseSync } from 'node:sqlite'

import { callColumns } from '../../ledger/row-codec.ts'
import { tables } from '../sqlite/tables.ts'

/** A table that both stores have, with the order in which its rows are read. */
export interface CopiedTable {
  readonly name: string
  readonly columns: readonly CopiedColumn[]
  readonly key: readonly string[]
}

export interface CopiedColumn {
  readonly name: string
  readonly type: 'TEXT' | 'BIGINT'
}

/** Lists the tables, referenced ones first. They are read from the schema, so that a new table is never forgotten. */
export function listCopiedTables(): readonly CopiedTable[] {
  const schema = new DatabaseSync(':memory:')
  try {
    schema.exec(tables)
    const names = schema
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map((row) => String(row['name']))
      .filter((name) => !processTables.has(name) && name !== sessionTimes && !name.startsWith('sqlite_'))
    return sortByReferences(schema, names).map((name) => describeTable(schema, name))
  } finally {
    schema.close()
  }
}

/** Tables of running processes, which mean nothing in another store. */
const processTables: ReadonlySet<string> = new Set([
  'open_calls',
  'journal_positions',
  'rate_buckets',
  'lease_holders',
])

/** A sink writes its rows with the calls, also those that a server of an older version has not written. */
const sessionTimes = 'session_times'

function describeTable(schema: DatabaseSync, name: string): CopiedTable {
  const columns = schema.prepare('SELECT name, type, pk FROM pragma_table_info(?)').all(name)
  const types = new Map(
    columns.map((column) => [
      String(column['name']),
      column['type'] === 'TEXT' ? ('TEXT' as const) : ('BIGINT' as const),
    ]),
  )
  // The calls' numbers of rows are SQLite's own.
  const wanted = name === 'calls' ? callColumns : [...types.keys()]
  const key = columns
    .filter((column) => Number(column['pk']) > 0)
    .toSorted((one, other) => Number(one['pk']) - Number(other['pk']))
    .map((column) => String(column['name']))
  return {
    name,
    columns: wanted.map((column) => ({ name: column, type: types.get(column) ?? 'TEXT' })),
    key: name === 'calls' ? ['started_at_ms', 'id'] : key,
  }
}

function sortByReferences(schema: DatabaseSync, names: readonly string[]): readonly string[] {
  const sorted: string[] = []
  const visit = (name: string) => {
    if (sorted.includes(name)) return
    const references = schema.prepare('SELECT "table" AS name FROM pragma_foreign_key_list(?)').all(name)
    for (const reference of references) if (reference['name'] !== name) visit(String(reference['name']))
    sorted.push(name)
  }
  names.forEach(visit)
  return sorted
}
