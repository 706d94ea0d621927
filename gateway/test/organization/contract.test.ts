import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { runOnce } from '../../src/endpoints/admin/idempotency.ts'
import { makeChange } from '../../src/organization/change.ts'
import type { Author } from '../../src/organization/change.ts'
import { findKeys, insertKey, listAllKeys, rotateKey, updateKey } from '../../src/organization/keys.ts'
import { archiveMember, createMember, listMembers, updateMember } from '../../src/organization/members.ts'
import {
  listRoutingChanges,
  removeAlias,
  setAlias,
  setWeights,
} from '../../src/organization/routing-changes.ts'
import {
  archiveWorkspace,
  createWorkspace,
  ensureWorkspaces,
  findWorkspace,
  listWorkspaces,
} from '../../src/organization/workspaces.ts'
import { LiveRouting } from '../../src/routing/live-routing.ts'
import { readText } from '../../src/store/database.ts'
import type { Database } from '../../src/store/database.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { migratePostgres } from '../../src/store/postgres/migrations.ts'
import { openPostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

describe.each(Object.entries({ sqlite: openSqlite, postgres: openPostgres }))('%s', (_, openStore) => {
  async function open(): Promise<Database> {
    const database = await openStore()
    onTestFinished(() => database.close())
    await ensureWorkspaces(database, ['research'], 1)
    return database
  }

  test('the default workspace and those of the configuration are created once', async () => {
    const database = await open()

    await Promise.all([1, 2, 3].map((nowMs) => ensureWorkspaces(database, ['research', 'other'], nowMs)))

    const names = (await listWorkspaces(database)).map(({ name }) => name)
    expect(names.toSorted((one, other) => one.localeCompare(other))).toEqual(['default', 'other', 'research'])
  })

  test('of concurrent changes that take one name one succeeds, and each entry of the log is of a change', async () => {
    const database = await open()
    const attempt = (nowMs: number) => [
      makeChange(database, author, (queries) => createWorkspace(queries, { name: 'same' }, nowMs)),
      makeChange(database, author, (queries) => createMember(queries, { name: 'same' }, nowMs)),
      makeChange(database, author, (queries) => insertKey(queries, createKey('same', null, nowMs).record)),
    ]

    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].flatMap(attempt))

    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
    )
    expect(failures).toEqual(Array<string>(15).fill('name_taken'))
    expect(await database.query('SELECT target_kind FROM audit ORDER BY target_kind')).toEqual([
      { target_kind: 'key' },
      { target_kind: 'member' },
      { target_kind: 'workspace' },
    ])
  })

  test('no key is live in an archived workspace, whichever change comes first', async () => {
    const database = await open()

    for (let round = 0; round < 8; round += 1) {
      const name = `workspace ${round}`
      const { result: workspace } = await createWorkspace(database, { name }, round)
      const key = createKey(`key ${round}`, null, round, { workspaceId: workspace.id }).record
      await Promise.allSettled([
        makeChange(database, author, (queries) => insertKey(queries, key)),
        makeChange(database, author, (queries) => archiveWorkspace(queries, workspace.id, 99)),
      ])
      expect((await findWorkspace(database, workspace.id)).archivedAtMs).toBe(99)
    }

    expect((await listAllKeys(database)).filter(({ revokedAtMs }) => revokedAtMs === null)).toEqual([])
  })

  test('a key is stored with its permissions, changed, rotated and found by them', async () => {
    const database = await open()
    const { id: workspaceId } = await findWorkspace(database, 'research')
    const { result: member } = await createMember(
      database,
      { name: 'Ann', email: 'ANN@example.com', workspaces: ['research'] },
      1,
    )
    const aws = { accessKeyId: 'AKIA1', version: 1 }
    const limits = { rates: { requests_per_minute: 5 }, expiresAtMs: 50, ipRanges: ['::1'] }
    const owner = { workspaceId, memberId: member.id }
    const { record } = createKey('ci', ['claude-opus-4-1-20250805'], 2, { ...limits, ...owner })
    await insertKey(database, { ...record, aws })
    await insertKey(database, createKey('other', null, 3).record)

    await updateKey(database, 'ci', { protocols: ['messages'], rates: null })
    const next = { hash: 'next', hint: 'hint', aws: { accessKeyId: 'AKIA2', version: 1 }, validUntilMs: 40 }
    await rotateKey(database, record.id, next)

    const find = async (filter: object) =>
      (await findKeys(database, { nowMs: 60, ...filter })).map(({ name }) => name)
    expect(await findKeys(database, { nowMs: 10, memberId: member.id })).toEqual([
      {
        ...record,
        hash: 'next',
        hint: 'hint',
        aws: next.aws,
        protocols: ['messages'],
        rates: null,
        previous: { hash: record.hash, aws, validUntilMs: 40 },
      },
    ])
    expect(await find({ workspaceIds: [workspaceId] })).toEqual(['ci'])
    expect(await find({ workspaceIds: [] })).toEqual([])
    expect(await find({ status: 'expired' })).toEqual(['ci'])
    expect(await find({ status: 'active' })).toEqual(['other'])
    expect(await find({ limit: 1 })).toEqual(['ci'])
    expect(await find({ after: [2, record.id] })).toEqual(['other'])
    await archiveMember(database, 'Ann', 70)
    expect(await find({ status: 'revoked' })).toEqual(['ci'])
    expect(await listMembers(database)).toEqual([])
  })

  test('a member is limited to workspaces by their names, and has keys only there', async () => {
    const database = await open()
    const { result: member } = await createMember(database, { name: 'Ann', workspaces: ['research'] }, 1)
    const elsewhere = createKey('ci', null, 2, { memberId: member.id }).record

    await expect(insertKey(database, elsewhere)).rejects.toMatchObject({ code: 'conflict' })
    await updateMember(database, 'Ann', { workspaces: null, email: null, role: 'viewer' })
    await insertKey(database, elsewhere)

    expect(await listMembers(database)).toMatchObject([{ name: 'Ann', role: 'viewer', workspaces: null }])
  })

  test('every process follows changes of the routing, until they are removed', async () => {
    const database = await open()
    const options = { config: { weights: { two: 3 } }, upstreams: ['one', 'two'], foreign: new Map() }
    const processes = [new LiveRouting(options), new LiveRouting(options)]
    for (const process of processes) {
      await process.watch(database, () => {})
      onTestFinished(() => process.close())
    }
    const find = () =>
      processes.map(({ resolveModel, order }) => {
        const found = resolveModel('ours')
        return [found.ok ? found.model.id : null, order.weightOf('one'), order.weightOf('two')]
      })
    const both = (state: readonly unknown[]) => processes.map(() => state)
    const [{ order }, target] = [processes[0] as LiveRouting, { to: 'claude-opus-4-1', from: '2020-01-01' }]

    await setAlias(database, 'ours', { target: { to: 'claude-sonnet-4-0' }, foreign: new Map(), nowMs: 1 })
    await setAlias(database, 'ours', { target, foreign: new Map(), nowMs: 2 })
    await setWeights(database, { one: 5 }, { order, upstreams: ['one', 'two'], nowMs: 3 })
    const stored = await listRoutingChanges(database)
    await expect.poll(find).toEqual(both(['claude-opus-4-1-20250805', 5, 1]))
    await removeAlias(database, 'ours')
    await expect.poll(find).toEqual(both([null, 5, 1]))

    expect(stored).toEqual([
      { kind: 'alias', name: 'ours', target, changedAtMs: 2 },
      { kind: 'weights', weights: { one: 5 }, changedAtMs: 3 },
    ])
  })

  test('concurrent requests with one idempotency key run once, also when the first one fails', async () => {
    const database = await open()
    let runs = 0
    const request = { actor: 'a', key: 'k', parts: ['POST', '/x', '{}'], rootSecret: 'secret', nowMs: 5 }
    const send = () =>
      database.transaction((queries) =>
        runOnce(queries, request, async () => {
          runs += 1
          if (runs === 1) throw new Error('the first one fails')
          return { run: runs }
        }),
      )

    const results = await Promise.allSettled(Array.from({ length: 6 }, send))

    const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(answers).toHaveLength(5)
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer)))).toEqual(new Set(['{"run":2}']))
    expect(answers.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1)
    const [row] = await database.query('SELECT answer FROM idempotency_keys')
    expect(readText(row ?? {}, 'answer')).not.toContain('run')
  })
})

const author: Author = { actor: 'test', role: 'admin', action: 'test', requestId: null, atMs: 1 }

async function openSqlite(): Promise<Database> {
  return createSqliteDatabase(openDatabase(temporaryFolder()))
}

async function openPostgres(): Promise<Database> {
  const url = await postgres.createDatabase()
  const connections = await openConnections({ url })
  await migratePostgres(connections, url)
  await connections.close()
  return openPostgresDatabase({ url })
}
