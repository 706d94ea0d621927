import type { DatabaseSync } from 'node:sqlite'

/** Takes a database from one schema version to the next; runs within the transaction of its caller. */
interface Migration {
  /** The schema version that it makes. */
  readonly version: number
  readonly run: (database: DatabaseSync) => void
}

/** Forward only, oldest first. Tables that a version adds need no row here: `tables` creates what is missing. */
const migrations: readonly Migration[] = [{ version: 4, run: useStandardNames }]

/** Brings the tables of an older version up to the current schema. An empty database has nothing to migrate. */
export function migrate(database: DatabaseSync, fromVersion: number): void {
  for (const { version, run } of migrations) if (fromVersion < version) run(database)
}

/** True where tables of an older version would be changed, not only added to. */
export function needsMigration(database: DatabaseSync, fromVersion: number): boolean {
  return hasTable(database, 'calls') && migrations.some(({ version }) => fromVersion < version)
}

/** Version 4 names the protocol, the outcomes and the tables in the terms of the glossary. */
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

const renamedTables = [
  ['starts', 'open_calls'],
  ['aws_pairs', 'aws_credentials'],
  ['items', 'resources'],
] as const

function hasTable(database: DatabaseSync, name: string): boolean {
  const query = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
  return query.get(name) !== undefined
}
