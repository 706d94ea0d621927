import type { DatabaseSync } from 'node:sqlite'

import { clusterTables, toSqliteTables } from '../schema/common.ts'
import { readSessionTimes, sessionTables } from '../schema/sessions.ts'
import { createRowCounter } from '../upgrade.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { makeCallsLean } from './lean-calls.ts'

/** Upgrades a database to the next schema version, in the caller's transaction. */
interface Migration {
  /** The schema version after it. */
  readonly version: number
  readonly run: (database: DatabaseSync, onUpgrade: OnUpgrade) => void
}

/** Forward only, oldest first. New tables need no row here: `tables` creates missing ones. */
const migrations: readonly Migration[] = [
  { version: 4, run: useStandardNames },
  { version: 5, run: addUsageSource },
  { version: 6, run: addOwners },
  { version: 7, run: dropOldIndex },
  { version: 9, run: addPermissions },
  { version: 10, run: addHolds },
  { version: 11, run: makeCallsLeanWithHolds },
  { version: 13, run: addDetails },
  { version: 14, run: addAnswersOfShares },
  { version: 16, run: addProcesses },
  { version: 17, run: addSessionTimes },
]

/** Upgrades tables of an older version to the current schema. An empty database needs no migration. */
export function migrate(database: DatabaseSync, fromVersion: number, onUpgrade: OnUpgrade): void {
  for (const { version, run } of migrations) if (fromVersion < version) run(database, onUpgrade)
}

/** True if existing tables of an older version must change, rather than new ones being added. */
export function needsMigration(database: DatabaseSync, fromVersion: number): boolean {
  return hasTable(database, 'calls') && migrations.some(({ version }) => fromVersion < version)
}

/** Version 4 renames the protocol column, the outcomes and the tables to standard terms. */
function useStandardNames(database: DatabaseSync): void {
  if (!hasTable(database, 'calls')) return
  database.exec(`
    DROP VIEW IF EXISTS all_calls;
    DROP VIEW IF EXISTS ledger_lines;
    ALTER TABLE calls RENAME COLUMN door TO protocol;
    UPDATE calls SET outcome = 'upstream_error' WHERE outcome = 'refused';
    UPDATE calls SET outcome = 'client_closed' WHERE outcome = 'client_gone';
    UPDATE calls SET outcome = 'upstream_aborted' WHERE outcome = 'upstream_died';
    DROP INDEX IF EXISTS items_of_key;
    DROP INDEX IF EXISTS items_unsettled;
  `)
  for (const [from, to] of renamedTables)
    if (hasTable(database, from)) database.exec(`ALTER TABLE ${from} RENAME TO ${to}`)
}

/** Version 5 marks calls whose usage is not the upstream's final one. The view is created again with its column. */
function addUsageSource(database: DatabaseSync): void {
  if (!hasTable(database, 'calls')) return
  database.exec('DROP VIEW IF EXISTS all_calls; ALTER TABLE calls ADD COLUMN usage_source TEXT')
}

/** Version 6 adds workspace, member and labels to calls, keys and resources. The view is created again with them. */
function addOwners(database: DatabaseSync): void {
  database.exec('DROP VIEW IF EXISTS all_calls')
  for (const table of ['calls', 'resources'])
    for (const column of ['workspace_id', 'member_id', 'labels']) addColumn(database, table, `${column} TEXT`)
  addColumn(database, 'keys', "workspace_id TEXT NOT NULL DEFAULT 'default'")
  addColumn(database, 'keys', 'member_id TEXT')
}

/** Version 7 has rollups, which `upgrade` fills after these changes, and another index by start. */
function dropOldIndex(database: DatabaseSync): void {
  database.exec('DROP INDEX IF EXISTS calls_by_start')
}

/** The first version with rollups. */
export const rollupsVersion = 7

/** Version 9 adds permissions and rotation to keys. */
function addPermissions(database: DatabaseSync): void {
  for (const column of ['hint', 'protocols', 'regions', 'ip_ranges', 'rates', 'previous_hash'])
    addColumn(database, 'keys', `${column} TEXT`)
  for (const column of ['expires_at_ms', 'previous_until_ms'])
    addColumn(database, 'keys', `${column} INTEGER`)
  addColumn(database, 'aws_credentials', 'valid_until_ms INTEGER')
}

/** Version 10 adds what is held for a running call, and the process that serves it. The view is created again with them. */
function addHolds(database: DatabaseSync): void {
  database.exec('DROP VIEW IF EXISTS all_calls')
  addColumn(database, 'calls', 'hold_nano_usd INTEGER')
  addColumn(database, 'calls', 'process_id TEXT')
  addColumn(database, 'resources', 'hold_nano_usd INTEGER')
}

/** Version 11 makes calls lean. The new table has the columns of version 10 too. */
function makeCallsLeanWithHolds(database: DatabaseSync, onUpgrade: OnUpgrade): void {
  makeCallsLean(database, onUpgrade)
  addHolds(database)
}

/** Version 13 adds the tags of cacheable blocks and the plan. The view is created again with them. */
function addDetails(database: DatabaseSync): void {
  database.exec('DROP VIEW IF EXISTS all_calls')
  addColumn(database, 'calls', 'details TEXT')
}

/** Version 14 adds the answers of servers that share a budget to their shares. */
function addAnswersOfShares(database: DatabaseSync): void {
  for (const column of ['since_ms', 'answered_wish'])
    addColumn(database, 'budget_leases', `${column} INTEGER NOT NULL DEFAULT 0`)
}

/** Version 16 adds to a batch the process whose shares of budgets have its hold. The index is created again for all kinds of batches. */
function addProcesses(database: DatabaseSync): void {
  addColumn(database, 'resources', 'process_id TEXT')
  database.exec('DROP INDEX IF EXISTS resources_unsettled')
}

/** Version 17 knows when sessions have calls. A server of an older version would not write it. */
function addSessionTimes(database: DatabaseSync, onUpgrade: OnUpgrade): void {
  if (!hasTable(database, 'calls')) return
  database.exec(clusterTables(toSqliteTables(sessionTables)))
  const { calls, last } =
    database.prepare('SELECT count(*) AS calls, max(rowid) AS last FROM calls').get() ?? {}
  const count = createRowCounter(onUpgrade, { table: 'calls', totalRows: Number(calls) })
  const fill = database.prepare(
    `INSERT INTO session_times (session_id, at_ms) ${readSessionTimes} AND rowid > ? AND rowid <= ? ON CONFLICT DO NOTHING`,
  )
  for (let read = 0; read < Number(last); read += fillBatch) {
    fill.run(read, read + fillBatch)
    count(fillBatch)
  }
}

const fillBatch = 50_000

/** Adds a column to a table that exists without it; a missing table is created with all its columns. */
function addColumn(database: DatabaseSync, table: string, definition: string): void {
  const [name = ''] = definition.split(' ')
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(table)
  if (columns.length === 0 || columns.some((column) => column['name'] === name)) return
  database.exec(`ALTER TABLE ${table} ADD COLUMN ${definition}`)
}

const renamedTables = [
  ['starts', 'open_calls'],
  ['aws_pairs', 'aws_credentials'],
  ['items', 'resources'],
] as const

function hasTable(database: DatabaseSync, name: string): boolean {
  const query = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
  return query.get(name) !== undefined
}
