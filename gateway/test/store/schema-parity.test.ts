import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { rollupMeasures } from '../../src/ledger/rollup.ts'
import { rollupLevels } from '../../src/ledger/rollup-levels.ts'
import { listCopiedTables } from '../../src/store/copy/copied-tables.ts'
import { openSnapshot, openSqliteSnapshot } from '../../src/store/copy/snapshot.ts'
import { backUpStore } from '../../src/store/copy/transfer.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Database } from '../../src/store/database.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { migratePostgres, postgresSchemaVersion } from '../../src/store/postgres/migrations.ts'
import { toPostgresTables } from '../../src/store/schema/common.ts'
import { rollupStatements, rollupTables } from '../../src/store/schema/rollups.ts'
import type { UpgradeProgress } from '../../src/store/upgrade.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'

const certificates = join(import.meta.dirname, '../port')
let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres({
    certificate: readFileSync(join(certificates, 'certificate.pem'), 'utf8'),
    key: readFileSync(join(certificates, 'key.pem'), 'utf8'),
  })
})

afterAll(() => postgres.remove())

test('PostgreSQL has every table of SQLite, with the same columns of the same types', async () => {
  const database = await openStore({ dataFolder: temporaryFolder(), store: await postgres.createDatabase() })
  const rows = await database.query(
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'`,
  )
  await database.close()

  const found = new Map<string, Record<string, string>>()
  for (const row of rows) {
    const columns = found.get(String(row['table_name'])) ?? {}
    columns[String(row['column_name'])] = String(row['data_type']).toUpperCase()
    found.set(String(row['table_name']), columns)
  }

  const expected = listCopiedTables()
  expect(expected.map(({ name }) => name)).toContain('budgets')
  for (const { name, columns } of expected)
    expect({ name, columns: found.get(name) }).toEqual({
      name,
      columns: Object.fromEntries(columns.map((column) => [column.name, column.type])),
    })
})

test('servers that start at once migrate once, and a database of a newer release is refused', async () => {
  const url = await postgres.createDatabase()
  const location = { dataFolder: temporaryFolder(), store: url }

  const opened = await Promise.all(Array.from({ length: 5 }, () => openStore(location)))
  const versions = await opened[0]?.query('SELECT version FROM schema_migrations ORDER BY version')
  await opened[0]?.query('INSERT INTO schema_migrations VALUES (?, 0)', [postgresSchemaVersion + 1])
  await Promise.all(opened.map((database) => database.close()))

  expect(versions?.map((row) => row['version'])).toEqual(
    Array.from({ length: postgresSchemaVersion }, (_, index) => BigInt(index + 1)),
  )
  await expect(openStore(location)).rejects.toMatchObject({ code: 'store_too_new' })
})

test('a database of the first version gets the column `details` and the index of sums with a part of their own', async () => {
  const location = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
  const older = await openStore(location)
  await older.query('DROP VIEW all_calls')
  await older.query('ALTER TABLE calls DROP COLUMN details')
  await older.query('CREATE VIEW all_calls AS SELECT id FROM calls')
  await makeOlder(older, 1)
  await older.query('DROP INDEX rollups_apart')
  await older.close()

  const database = await openStore(location)
  const columns = await database.query(
    `SELECT table_name, collation_name FROM information_schema.columns
     WHERE column_name = 'details' AND table_name IN ('calls', 'all_calls') ORDER BY table_name`,
  )
  const indexes = await database.query("SELECT indexname FROM pg_indexes WHERE indexname = 'rollups_apart'")
  await database.close()

  expect(indexes).toHaveLength(1)
  expect(columns).toEqual([
    { table_name: 'all_calls', collation_name: 'C' },
    { table_name: 'calls', collation_name: 'C' },
  ])
})

test('a database of version 6 gets the process of batches, and keeps a batch that is not settled', async () => {
  const location = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
  const older = await openStore(location)
  await older.query(`INSERT INTO resources (id, kind, key_id, upstream, created_at_ms, models, betas, hold_nano_usd)
    VALUES ('msgbatch_1', 'batch', 'key_1', 'claude', 1, '{}', '[]', 700)`)
  await older.query('ALTER TABLE resources DROP COLUMN process_id')
  await makeOlder(older, 6)
  await older.close()

  const database = await openStore(location)
  const rows = await database.query('SELECT id, hold_nano_usd, process_id FROM resources')
  const columns = await database.query(
    "SELECT collation_name FROM information_schema.columns WHERE column_name = 'process_id' AND table_name = 'resources'",
  )
  await database.close()

  expect(rows).toEqual([{ id: 'msgbatch_1', hold_nano_usd: 700n, process_id: null }])
  expect(columns).toEqual([{ collation_name: 'C' }])
})

test('a database of version 7 gets a table for each span of the sums, and keeps every row', async () => {
  const location = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
  const older = await openStore(location)
  await makeOlder(older, 7)
  const spans = ['hour', ...rollupLevels.map(({ span }) => span)]
  const weeks = [0, 604_799_999, 604_800_000, 1_798_761_600_000]
  const places = spans.flatMap((span) => weeks.map((startMs) => [span, startMs, 7, startMs === 0 ? 1 : 0]))
  for (const [at, place] of places.entries())
    await older.query(rollupStatements.add, [...place, ...rollupMeasures.map((_, index) => at * 100 + index)])
  const rowsOf = (queries: Database) => queries.query('SELECT * FROM rollups ORDER BY span, start_ms')
  const before = await rowsOf(older)
  await older.close()

  const told: UpgradeProgress[] = []
  const database = await openStore(location, { onUpgrade: (progress) => told.push(progress) })
  const after = await rowsOf(database)
  const tables = await database.query(
    'SELECT tableoid::regclass::text AS name, span FROM rollups GROUP BY tableoid, span ORDER BY span',
  )
  const indexes = await database.query(
    "SELECT indexname FROM pg_indexes WHERE tablename = 'rollups' ORDER BY indexname",
  )
  await database.query(rollupStatements.add, [...places[0]!, ...rollupMeasures.map(() => 1)])
  const [sum] = await database.query('SELECT calls FROM rollups WHERE span = ? AND start_ms = 0', ['hour'])
  await database.close()

  expect(before).toHaveLength(spans.length * weeks.length)
  expect(after).toEqual(before)
  expect(told).toEqual([{ table: 'rollups', rows: 0, totalRows: before.length }])
  expect(tables).toHaveLength(spans.length)
  expect(new Set(tables.map(({ name }) => name)).size).toBe(spans.length)
  expect(tables).toContainEqual({ name: 'rollups_day_by_key', span: 'day/key_id,outcome' })
  expect(indexes.map(({ indexname }) => indexname)).toEqual([
    'rollups_apart',
    'rollups_by_group',
    'rollups_pkey',
  ])
  expect(sum).toEqual({ calls: BigInt(rollupMeasures.indexOf('calls') + 1) })
})

test('a role that may read the sums of version 7 may read them after the upgrade', async () => {
  const location = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
  const older = await openStore(location)
  await makeOlder(older, 7)
  await older.query('CREATE ROLE "a reader"')
  await older.query('GRANT SELECT ON rollups TO "a reader" WITH GRANT OPTION')
  await older.query('GRANT UPDATE ON rollups TO PUBLIC')
  await older.close()

  const database = await openStore(location)
  const rights = await database.query(
    `SELECT has_table_privilege('a reader', 'rollups', 'SELECT WITH GRANT OPTION') AS reads,
       has_table_privilege('a reader', 'rollups', 'UPDATE') AS writes,
       has_table_privilege('a reader', 'rollups', 'DELETE') AS removes`,
  )
  await database.query('DROP OWNED BY "a reader"')
  await database.query('DROP ROLE "a reader"')
  await database.close()

  expect(rights).toEqual([{ reads: 1n, writes: 1n, removes: 0n }])
})

test('a backup of version 7 has every sum, whether the upgrade runs before it or meanwhile', async () => {
  const location = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
  const older = await openStore(location)
  await makeOlder(older, 7)
  await older.query(rollupStatements.add, ['hour', 0, 7, 0, ...rollupMeasures.map(() => 5)])
  await older.close()

  const snapshot = await openSnapshot(location)
  // What the snapshot sees is decided with its first read.
  await snapshot.query('SELECT count(*) FROM keys')
  const upgrading = openStore(location)
  await setTimeout(1_000)
  const seen = await snapshot.query('SELECT count(*) AS rows FROM rollups')
  await snapshot.close()
  const database = await upgrading
  await makeOlder(database, 7)
  await database.query(rollupStatements.add, ['hour', 0, 7, 0, ...rollupMeasures.map(() => 5)])
  await database.close()
  const file = join(temporaryFolder(), 'backup.sqlite')
  const { differences } = await backUpStore(location, file)
  const backup = openSqliteSnapshot(file)
  const sums = await backup.query('SELECT span, calls FROM rollups')
  await backup.close()

  expect(seen).toEqual([{ rows: 1n }])
  expect(differences).toEqual([])
  expect(sums).toEqual([{ span: 'hour', calls: 5n }])
})

test('TLS follows the URL: the certificate is checked, and a wrong one is refused', async () => {
  const url = await postgres.createDatabase()
  const local = url.replace('127.0.0.1', 'localhost')
  const checked = `${local}?sslmode=verify-full&sslrootcert=${join(certificates, 'certificate.pem')}`

  const connections = await openConnections({ url: checked })
  await migratePostgres(connections, checked)
  const { rows } = await connections.use((client) =>
    client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
  )
  await connections.close()
  const unknown = await openConnections({ url: `${local}?sslmode=verify-full`, maxConnectMs: 100 })
  const refused = unknown.use((client) => client.query('SELECT 1'))

  expect(rows).toEqual([{ ssl: 1n }])
  await expect(refused).rejects.toMatchObject({ code: 'store_refused' })
  await unknown.close()
})

test('a wrong password is refused with the next step, and neither it nor the URL is in the message', async () => {
  const url = (await postgres.createDatabase()).replace('a-password-of-tests', 'a-wrong-password')

  const opening = openStore({ dataFolder: temporaryFolder(), store: url })

  await expect(opening).rejects.toMatchObject({
    code: 'store_refused',
    message: expect.not.stringContaining('a-wrong-password'),
    hint: expect.stringContaining('password'),
  })
})

/** Takes the changes after a version back, as far as the next migration would fail on them. */
async function makeOlder(database: Database, version: number): Promise<void> {
  await database.query('DROP TABLE rollups')
  for (const statement of toPostgresTables(rollupTables).split(';'))
    if (statement.trim() !== '') await database.query(statement)
  await database.query('DELETE FROM schema_migrations WHERE version > ?', [version])
}
