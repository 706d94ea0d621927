import { setTimeout } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { openStore } from '../../src/store/open-store.ts'
import { until } from '../condition.ts'
import { ask, open } from '../http-client.ts'
import { batchBody, sendRequest, succeeded } from '../resources/batches.ts'
import { startKeepingUpstream } from '../resources/keeping-upstream.ts'
import { httpAccount, startGateway, temporaryFolder, usual } from '../running-gateway.ts'
import { callBody, events, opus } from '../samples.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'

// Keys, owners and budgets change while a stream and a batch hold money. All cases run at once, each with a workspace, a
// member and a key of its own.

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const adminKey = 'the-admin-key-of-the-tests'

interface Owner {
  readonly workspace: string
  readonly member: string
  readonly key: string
  /** That of the workspace. */
  readonly budget: string
  readonly keyBudget: string
}

interface Change {
  readonly name: string
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  readonly path: (owner: Owner) => string
  readonly body?: (owner: Owner) => object
  /** The running stream ends with an error, because its key is revoked. */
  readonly revokes?: boolean
  /** The error of a new call with the same secret; default: it is served. */
  readonly refused?: RegExp
}

const noKey = /"type":"authentication_error","message":"(?:this key was revoked|invalid x-api-key)/

const changes: readonly Change[] = [
  {
    name: 'a key is rotated with an overlap',
    method: 'POST',
    path: ({ key }) => `/keys/${key}/rotate`,
    body: () => ({ overlap_seconds: 60 }),
  },
  {
    name: 'a key is rotated without an overlap',
    method: 'POST',
    path: ({ key }) => `/keys/${key}/rotate`,
    body: () => ({ overlap_seconds: 0 }),
    refused: noKey,
  },
  {
    name: 'a key is revoked',
    method: 'DELETE',
    path: ({ key }) => `/keys/${key}`,
    revokes: true,
    refused: noKey,
  },
  {
    name: 'a member is archived',
    method: 'DELETE',
    path: ({ member }) => `/members/${member}`,
    revokes: true,
    refused: noKey,
  },
  {
    name: 'a workspace is archived',
    method: 'DELETE',
    path: ({ workspace }) => `/workspaces/${workspace}`,
    revokes: true,
    refused: noKey,
  },
  {
    name: 'a workspace is renamed',
    method: 'PATCH',
    path: ({ workspace }) => `/workspaces/${workspace}`,
    body: ({ workspace }) => ({ name: `renamed-${workspace}` }),
  },
  {
    name: 'a key gets no member',
    method: 'PATCH',
    path: ({ key }) => `/keys/${key}`,
    body: () => ({ member_id: null }),
  },
  { name: 'a budget is deleted', method: 'DELETE', path: ({ budget }) => `/budgets/${budget}` },
  {
    name: 'a budget gets another scope',
    method: 'PATCH',
    path: ({ budget }) => `/budgets/${budget}`,
    body: ({ key }) => ({ scope: `key:name-${key}` }),
  },
  {
    name: 'a budget gets another window',
    method: 'PATCH',
    path: ({ budget }) => `/budgets/${budget}`,
    body: () => ({ window: 'month', rolling: true }),
  },
  {
    name: 'a budget gets a limit below what is held',
    method: 'PATCH',
    path: ({ budget }) => `/budgets/${budget}`,
    body: () => ({ limit: '0.000000001' }),
    refused: /budget of workspace/,
  },
]

test.each(['sqlite', 'postgres'] as const)(
  'on %s running calls end well, cost their owners, and hold nothing afterwards, whatever changes meanwhile',
  async (dialect) => {
    const store = dialect === 'postgres' ? await postgres.createDatabase() : undefined
    const site = await openSite(store)
    const cases = []
    for (const [number, change] of changes.entries()) cases.push(await site.prepare(change, number))
    // Budgets count from half a second after their creation on.
    await setTimeout(600)

    const running = await Promise.all(cases.map((one) => site.begin(one)))
    const held = await Promise.all(cases.map((one) => site.readBudgets(one)))
    await Promise.all(cases.map((one) => site.apply(one)))
    // A change of a budget is effective within a second, and one of a key when its calls are refused and cut.
    await setTimeout(1_000)
    for (const [at, { change, secret }] of cases.entries()) {
      if (change.refused === noKey) await until(change.name, () => site.isUnknown(secret))
      if (change.revokes === true) await until(change.name, () => running[at]?.hasEnded() === true)
    }
    const endings = await Promise.all(running.map((one) => one.end()))
    const later = await Promise.all(cases.map((one) => site.callAgain(one)))
    const rows = await site.readRows()

    for (const [at, { change, owner }] of cases.entries()) {
      const own = rows.filter((row) => row['key_id'] === owner.key)
      const [first] = own
      const cost = own.reduce((sum, row) => sum + Number(row['cost_nano_usd'] ?? Number.NaN), 0)
      const { name, revokes = false, refused } = change
      expect({ name, text: endings[at] }).toEqual({
        name,
        text: expect.stringMatching(
          revokes ? /event: error\n.*this key was revoked/ : /event: message_stop\n/,
        ),
      })
      expect({ name, ...later[at] }).toEqual({
        name,
        status: refused === undefined ? 200 : expect.any(Number),
        text: expect.stringMatching(refused ?? /"type":"message"/),
      })
      expect({ name, rows: own.length, outcome: first?.['outcome'] }).toEqual({
        name,
        rows: refused === undefined ? 3 : 2,
        outcome: revokes ? 'key_revoked' : 'answered',
      })
      for (const row of own.slice(0, 2))
        expect({ name, workspace: row['workspace_id'], member: row['member_id'] }).toEqual({
          name,
          workspace: owner.workspace,
          member: owner.member,
        })
      for (const budget of held[at] ?? [])
        expect(Number(budget.spent) + Number(budget.held)).toBeGreaterThan(0.0008)
      const after = await site.readBudgets({ owner })
      expect(after).toHaveLength(name === 'a budget is deleted' ? 1 : 2)
      for (const { id, scope } of after) {
        const read = async () => {
          const shown = (await site.readBudgets({ owner })).find((budget) => budget.id === id)
          return { scope: shown?.scope, held: shown?.held, spent: Math.round(Number(shown?.spent) * 1e9) }
        }
        // Servers read the ledger about once a second.
        await expect
          .poll(read, { interval: 200, message: name })
          .toEqual({ scope, held: '0.00', spent: cost })
      }
    }
  },
  180_000,
)

interface ShownBudget {
  readonly id: string
  readonly scope: string
  readonly spent: string
  readonly held: string
}

interface Case {
  readonly change: Change
  readonly owner: Owner
  readonly secret: string
}

async function openSite(store: string | undefined) {
  const upstream = await startKeepingUpstream()
  const streams: { readonly name: string; readonly end: () => void }[] = []
  upstream.before(/^POST \/v1\/messages$/, (response) => {
    const { body = Buffer.alloc(0) } = upstream.requests.at(-1) ?? {}
    const asked = JSON.parse(body.toString()) as { stream?: boolean; metadata?: { user_id: string } }
    if (asked.stream !== true) return
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events.slice(0, 5)) response.write(event)
    streams.push({ name: asked.metadata?.user_id ?? '', end: () => response.end(events.slice(5).join('')) })
  })
  const dataFolder = temporaryFolder()
  const gateway = await startGateway({
    adminKey,
    dataFolder,
    accounts: [httpAccount(upstream.url)],
    limits: { sweepMs: 200 },
    ...(store !== undefined && { store }),
  })

  async function admin(
    method: string,
    path: string,
    body?: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { status, text } = await ask(`${gateway.url}/admin/v1${path}`, {
      method,
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (status >= 300) throw new Error(`${method} ${path}: ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>) // An object of the admin API.
  }

  return {
    async prepare(change: Change, number: number): Promise<Case> {
      const workspace = String((await admin('POST', '/workspaces', { name: `workspace-${number}` }))['id'])
      const member = String((await admin('POST', '/members', { name: `member-${number}` }))['id'])
      const owned = { workspace_id: workspace, member_id: member }
      const key = await admin('POST', '/keys', { name: `key-${number}`, ...owned })
      const id = String(key['id'])
      await admin('PATCH', `/keys/${id}`, { name: `name-${id}` })
      const shared = { limit: '1', window: 'total' }
      const budget = await admin('POST', '/budgets', { scope: `workspace:workspace-${number}`, ...shared })
      const ofKey = await admin('POST', '/budgets', { scope: `key:name-${id}`, ...shared })
      const budgets = { budget: String(budget['id']), keyBudget: String(ofKey['id']) }
      const owner = { workspace, member, key: id, ...budgets }
      return { change, owner, secret: String(key['key']) }
    },
    /** Starts a stream and a batch; `end` ends both and returns what the client of the stream got. */
    async begin({ change: { name }, secret }: Case) {
      const asked = { ...(JSON.parse(callBody) as object), stream: true, metadata: { user_id: name } }
      const headers = { ...usual, 'x-api-key': secret }
      const body = JSON.stringify(asked)
      const { response } = await open(`${gateway.url}/v1/messages`, { method: 'POST', headers, body })
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      await until('the stream runs', () => text.includes('message_start'))
      const created = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
        key: secret,
        body: batchBody([opus]),
      })
      const { id } = JSON.parse(created.text) as { id: string }
      return {
        hasEnded: () => response.complete,
        async end(): Promise<string> {
          streams.find((stream) => stream.name === name)?.end()
          upstream.end(id, [`${succeeded('item-0', { input: 10, output: 1 })}\n`])
          await until(`the stream has ended: ${name}`, () => response.complete)
          return text
        },
      }
    },
    apply: ({ change: { method, path, body }, owner }: Case) => admin(method, path(owner), body?.(owner)),
    async isUnknown(secret: string): Promise<boolean> {
      return (await sendRequest(gateway, 'GET', '/v1/models', { key: secret })).status === 401
    },
    async callAgain({ secret }: Case) {
      const { status, text } = await sendRequest(gateway, 'POST', '/v1/messages', {
        key: secret,
        body: callBody,
      })
      return { status, text }
    },
    /** The budgets of a case: of its workspace and of its key. */
    async readBudgets({ owner }: Pick<Case, 'owner'>): Promise<readonly ShownBudget[]> {
      const { data } = (await admin('GET', '/budgets?limit=100')) as { data?: readonly ShownBudget[] }
      return (data ?? []).filter(({ id }) => id === owner.budget || id === owner.keyBudget)
    },
    /** The rows of all calls, once all batches are settled. */
    async readRows() {
      const database = await openStore({ dataFolder, store })
      try {
        await until('all batches are settled', async () => {
          const unfinished = await database.query(
            "SELECT id FROM resources WHERE kind <> 'file' AND settled_at_ms IS NULL",
          )
          return unfinished.length === 0
        })
        await until('no call runs', async () => {
          const unfinished = await database.query('SELECT id FROM all_calls WHERE outcome IS NULL')
          return unfinished.length === 0
        })
        return await database.query('SELECT * FROM all_calls ORDER BY started_at_ms, protocol DESC')
      } finally {
        await database.close()
      }
    },
  }
}
