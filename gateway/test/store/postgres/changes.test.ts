import { setTimeout } from 'node:timers/promises'

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { createKey } from '../../../src/auth/key-ring.ts'
import { insertKey, listAllKeys, revokeKey, rotateKey, updateKey } from '../../../src/organization/keys.ts'
import { archiveWorkspace, createWorkspace, ensureWorkspaces } from '../../../src/organization/workspaces.ts'
import type { Database } from '../../../src/store/database.ts'
import { watchChanges } from '../../../src/store/postgres/changes.ts'
import { openConnections } from '../../../src/store/postgres/connections.ts'
import { migratePostgres } from '../../../src/store/postgres/migrations.ts'
import { createPostgresDatabase } from '../../../src/store/postgres/postgres-database.ts'
import { startPostgres } from '../running-postgres.ts'
import type { RunningPostgres } from '../running-postgres.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('every change of a key is announced, without the poll', async () => {
  const writer = await open()
  const states: string[] = []
  const reader = await open()
  const watch = watchChanges({
    connections: reader.connections,
    onChange: async () => void states.push(await describeKeys(reader.database)),
    pollMs: neverMs,
  })
  onTestFinished(() => watch.close())
  await watch.ready
  // The watch reads once when it begins.
  await expect.poll(() => states.length, poll).toBe(1)
  const announce = async (work: () => Promise<unknown>) => {
    await work()
    const now = await describeKeys(writer.database)
    await expect.poll(() => states.at(-1), poll).toBe(now)
  }
  const { database } = writer
  const { record } = createKey('ci', null, 1)
  const next = createKey('ci', null, 1).record

  await announce(() => database.transaction((queries) => insertKey(queries, record)))
  await announce(() =>
    database.transaction((queries) => updateKey(queries, 'ci', { rates: { requests_per_minute: 1 } })),
  )
  await announce(() =>
    database.transaction((queries) => updateKey(queries, 'ci', { models: ['claude-haiku-4-5'] })),
  )
  await announce(() =>
    database.transaction((queries) => rotateKey(queries, 'ci', { ...next, validUntilMs: 2 })),
  )
  await announce(() => database.transaction((queries) => revokeKey(queries, 'ci', 3)))
  const { id } = (await database.transaction((queries) => createWorkspace(queries, { name: 'red' }, 4)))
    .result
  const other = createKey('other', null, 5, { workspaceId: id }).record
  await announce(() => database.transaction((queries) => insertKey(queries, other)))
  await announce(() => database.transaction((queries) => archiveWorkspace(queries, 'red', 6)))
})

test('a change that is announced while an earlier one is read is read too', async () => {
  const { connections, database } = await open()
  /** Each read waits before it ends. */
  const endRead: (() => void)[] = []
  let known = ''
  const watch = watchChanges({
    connections,
    onChange: async () => {
      const state = await describeKeys(database)
      await new Promise<void>((resolve) => endRead.push(resolve))
      known = state
    },
    pollMs: neverMs,
  })
  await watch.ready
  const untilRead = (number: number) => expect.poll(() => endRead.length, poll).toBe(number)
  const insert = (name: string) =>
    database.transaction((queries) => insertKey(queries, createKey(name, null, 1).record))

  await untilRead(1)
  await insert('the first of two')
  await insert('the second of two')
  await setTimeout(100)
  endRead[0]?.()
  await untilRead(2)
  endRead[1]?.()

  await expect.poll(() => known, poll).toContain('the second of two')
  await watch.close()
})

const poll = { interval: 20 }

/** Longer than the test. */
const neverMs = 3_600_000

let url = ''

async function open() {
  url ||= await postgres.createDatabase()
  const connections = await openConnections({ url, maxConnections: 4, statementMs: 20_000 })
  onTestFinished(() => connections.close())
  await migratePostgres(connections, url)
  const database = createPostgresDatabase(connections)
  await ensureWorkspaces(database, [], 1)
  return { connections, database }
}

async function describeKeys(database: Database): Promise<string> {
  return JSON.stringify(await listAllKeys(database))
}
