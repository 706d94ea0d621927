import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { AdminClientRequest } from '../../src/auth/admin-access.ts'
import type { Caller } from '../../src/auth/caller.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { adminRoutes } from '../../src/endpoints/admin/admin.ts'
import { ask } from '../http-client.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'

const adminKey = createSecret()

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The parsed body; the tests check its members. */
  readonly body: Readonly<Record<string, unknown>>
}

interface Sending {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | undefined>>
}

test('a request that is repeated with its idempotency key is answered again and changes nothing', async () => {
  const gateway = await start()
  const headers = { 'idempotency-key': 'create-ci-1' }
  const create = (name: string) => send(gateway, 'POST', '/admin/v1/keys', { body: { name }, headers })

  const [first, second] = [await create('ci'), await create('ci')]
  const different = await create('other')

  expect(first.status).toBe(201)
  expect(first.headers['idempotent-replayed']).toBeUndefined()
  expect(second).toMatchObject({ status: 201, text: first.text })
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(different).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
  expect((await list(gateway, 'keys')).map(({ name }) => name)).toEqual(['ci'])
  expect(await list(gateway, 'audit')).toHaveLength(1)
})

test('an answer is kept for 24 hours, and a failed request keeps none', async () => {
  let nowMs = Date.now()
  const gateway = await start({ nowMs: () => nowMs })
  const headers = { 'idempotency-key': 'k' }
  const create = (name: string) => send(gateway, 'POST', '/admin/v1/workspaces', { body: { name }, headers })

  const failed = await create(' ')
  const created = await create('research')
  nowMs += 24 * 60 * 60 * 1_000
  const later = await create('other')

  expect(failed.status).toBe(400)
  expect(created.status).toBe(201)
  expect(later).toMatchObject({ status: 201, body: { name: 'other' } })
})

test('of concurrent requests with one idempotency key one makes the change, and all get its answer', async () => {
  const gateway = await start()
  const headers = { 'idempotency-key': 'together' }

  const replies = await Promise.all(
    Array.from({ length: 8 }, () =>
      send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'ci' }, headers }),
    ),
  )

  expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
  expect(await list(gateway, 'keys')).toHaveLength(1)
})

test('neither a new key nor its secret is in the store, and the log of changes has no secrets', async () => {
  const gateway = await start()
  const headers = { 'idempotency-key': 'create-ci' }

  const made = await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'ci', aws: true }, headers })
  const audit = await send(gateway, 'GET', '/admin/v1/audit')

  const secrets = [String(made.body['key']), String(made.body['aws_secret_access_key'])]
  const stored = dumpStore(gateway.dataFolder)
  expect(stored).toContain('idempotency_keys')
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(40)
    expect(stored).not.toContain(secret)
    expect(audit.text).not.toContain(secret)
  }
  expect(audit.text).toContain('createKey')
})

test('of concurrent requests for one name one succeeds, for everything that has names', async () => {
  const gateway = await start()

  for (const kind of ['workspaces', 'members', 'keys']) {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        send(gateway, 'POST', `/admin/v1/${kind}`, { body: { name: 'the same' } }),
      ),
    )
    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201,
      ...Array<number>(7).fill(409),
    ])
    expect(replies.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'name_taken' })
  }
})

test('a log entry has the value before and after, and a refused change has none', async () => {
  const gateway = await start()
  await send(gateway, 'POST', '/admin/v1/workspaces', { body: { name: 'one' } })
  await send(gateway, 'PATCH', '/admin/v1/workspaces/one', { body: { name: 'two' } })
  await send(gateway, 'PATCH', '/admin/v1/workspaces/default', { body: { name: 'three' } })
  await send(gateway, 'DELETE', '/admin/v1/workspaces/default')

  expect(await list(gateway, 'audit')).toMatchObject([
    {
      action: 'updateWorkspace',
      actor: 'admin-key',
      role: 'admin',
      before: { name: 'one' },
      after: { name: 'two' },
      request_id: expect.stringMatching(/^req_/),
    },
    { action: 'createWorkspace', before: null, after: { name: 'one' } },
  ])
})

test.each([
  ['keys', { name: 5 }, 'name', 'name: must be string'],
  ['keys', { nmae: 'ci' }, 'nmae', 'nmae: unknown; use name, workspace_id'],
  [
    'keys',
    { rates: { requests_per_minute: 0 } },
    'rates.requests_per_minute',
    'rates.requests_per_minute: must be a valid integer or unlimited',
  ],
  ['keys', { models: 'claude-opus-4-1' }, 'models', 'models: must be a valid array or null'],
  ['keys', { models: ['claude-opus-9'] }, 'models.0', 'models.0: there is no model "claude-opus-9"'],
  ['keys', { protocols: ['soap'] }, 'protocols.0', 'protocols.0: must be one of messages, openai'],
  ['keys', { ip_ranges: ['10.0.0.0/64'] }, 'ip_ranges', 'ip_ranges: "10.0.0.0/64" is neither'],
  ['keys', { expires_at: '2100-02-30' }, 'expires_at', 'expires_at: must be a time'],
  ['keys', { expires_at: 'tomorrow' }, 'expires_at', 'expires_at: must be a time'],
  ['keys', { expires_at: '2020-01-01' }, 'expires_at', 'expires_at: must be in the future'],
  ['members', { name: 'Ann', role: 'owner' }, 'role', 'role: must be one of admin, billing'],
  ['members', { name: 'Ann', email: 'ann' }, 'email', 'email: must be an address'],
  ['members', {}, 'name', 'name: is required'],
  [
    'members',
    { name: 'Ann', role: 'admin', workspaces: ['default'] },
    'workspaces',
    'workspaces: an admin sees all workspaces',
  ],
  ['workspaces', { name: 'a\nb' }, 'name', 'name: must be one line'],
  ['workspaces', [], null, 'must be object'],
])(
  'a new one of %s with %j is refused, and the problem names the member',
  async (kind, body, member, detail) => {
    const gateway = await start()

    const reply = await send(gateway, 'POST', `/admin/v1/${kind}`, { body })

    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ code: 'bad_request', detail: expect.stringContaining(detail) })
    if (member === null) expect(reply.body['member']).toBeNull()
    else expect(String(reply.body['member'])).toContain(member)
    expect(await list(gateway, 'audit')).toEqual([])
  },
)

test.each([
  ['keys?limit=0', 'limit: must be >= 1'],
  ['keys?limit=1001', 'limit: must be <= 1000'],
  ['keys?limit=ten', 'limit: must be integer'],
  ['keys?limit=1&limit=2', 'limit: must be integer'],
  ['keys?after=nonsense', 'after: must be the `next` of a page of this list'],
  ['keys?colour=red', 'colour: unknown; use limit, after'],
  ['keys?status=dead', 'status: must be one of active, expired, revoked'],
  ['usage?outcome=nope', 'outcome: must be one of answered, upstream_error,'],
  ['usage/check?platform=mars', 'platform: must be one of anthropic, bedrock, vertex, foundry'],
  ['calls?outcome=nope', 'outcome: must be one of answered, upstream_error,'],
  ['calls/count?protocol=soap', 'protocol: must be one of messages, openai, bedrock, vertex, batches'],
])('the query of %s is refused', async (path, detail) => {
  const gateway = await start()

  const reply = await send(gateway, 'GET', `/admin/v1/${path}`)

  expect(reply).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } })
})

test('a list is read page by page, and has every entry once', async () => {
  let nowMs = Date.now()
  const gateway = await start({ nowMs: () => nowMs })
  for (let number = 0; number < 7; number += 1) {
    // Several keys of one millisecond are ordered by their ids.
    if (number % 3 === 0) nowMs += 1
    await send(gateway, 'POST', '/admin/v1/keys', { body: { name: `key ${number}` } })
  }

  const names: string[] = []
  let after: string | null = null
  do {
    const query = after === null ? '' : `&after=${encodeURIComponent(after)}`
    const { body } = await send(gateway, 'GET', `/admin/v1/keys?limit=2${query}`)
    const data = body['data'] as { name: string }[] // The list of the page.
    expect(data.length).toBeLessThanOrEqual(2)
    names.push(...data.map(({ name }) => name))
    after = body['next'] as string | null // The cursor of the API.
  } while (after !== null)

  expect(names.toSorted((one, other) => one.localeCompare(other))).toEqual(
    Array.from({ length: 7 }, (_, number) => `key ${number}`),
  )
})

test('a member sees, creates, rotates and revokes only the own keys', async () => {
  const gateway = await start({ findMember: findByHeader })
  const ann = String((await send(gateway, 'POST', '/admin/v1/members', { body: { name: 'Ann' } })).body['id'])
  const headers = { 'x-api-key': undefined, 'x-member': ann }
  const foreign = await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'of nobody' } })

  const own = await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'own' }, headers })
  const seen = await send(gateway, 'GET', '/admin/v1/keys', { headers })
  const id = String(foreign.body['id'])
  const attempts = [
    await send(gateway, 'GET', `/admin/v1/keys/${id}`, { headers }),
    await send(gateway, 'DELETE', `/admin/v1/keys/${id}`, { headers }),
    await send(gateway, 'POST', `/admin/v1/keys/${id}/rotate`, { body: {}, headers }),
  ]
  const forOther = await send(gateway, 'POST', '/admin/v1/members', { body: { name: 'Bob' } })
  const stolen = await send(gateway, 'POST', '/admin/v1/keys', {
    body: { member_id: String(forOther.body['id']) },
    headers,
  })
  const revoked = await send(gateway, 'DELETE', '/admin/v1/keys/own', { headers })

  expect(own).toMatchObject({ status: 201, body: { member_id: ann } })
  expect((seen.body['data'] as { name: string }[]).map(({ name }) => name)).toEqual(['own'])
  expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404])
  expect(stolen).toMatchObject({ status: 403, body: { code: 'role_required' } })
  expect(revoked.status).toBe(200)
})

test('a caller who is limited to workspaces sees nothing of others', async () => {
  const gateway = await start({ findMember: findByHeader })
  const { body } = await send(gateway, 'POST', '/admin/v1/workspaces', { body: { name: 'research' } })
  const research = String(body['id'])
  await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'elsewhere' } })
  await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'here', workspace_id: 'research' } })
  const headers = { 'x-api-key': undefined, 'x-workspaces': research }

  const keys = await send(gateway, 'GET', '/admin/v1/keys', { headers })
  const workspaces = await send(gateway, 'GET', '/admin/v1/workspaces', { headers })
  const audit = await send(gateway, 'GET', '/admin/v1/audit', { headers })
  const hidden = [
    await send(gateway, 'GET', '/admin/v1/keys/elsewhere', { headers }),
    await send(gateway, 'GET', '/admin/v1/workspaces/default', { headers }),
    await send(gateway, 'GET', '/admin/v1/workspaces/default/invoices/2026-11', { headers }),
    await send(gateway, 'GET', '/admin/v1/workspaces/default/invoices/2026-11/csv', { headers }),
    await send(gateway, 'GET', '/admin/v1/workspaces/default/invoice-terms', { headers }),
  ]
  const own = await send(gateway, 'GET', '/admin/v1/workspaces/research/invoices/2026-11', { headers })
  const filtered = await send(gateway, 'GET', '/admin/v1/keys?workspace_id=default', { headers })

  expect(getNames(keys)).toEqual(['here'])
  expect(getNames(workspaces)).toEqual(['research'])
  expect(audit.text).not.toContain('elsewhere')
  expect(hidden.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  expect(own).toMatchObject({ status: 200, body: { workspace_id: research, lines: [] } })
  expect(getNames(filtered)).toEqual([])
})

test('rejected calls are counted for their day, to those who may see their key', async () => {
  const gateway = await start({ findMember: findByHeader })
  const member = await send(gateway, 'POST', '/admin/v1/members', { body: { name: 'Ann', role: 'member' } })
  const owner = { member_id: member.body['id'] }
  const { body } = await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'own', ...owner } })
  const own = { 'x-api-key': String(body['key']) }
  await expect.poll(async () => (await gateway.post('{}', { headers: own })).status).toBe(400)
  await gateway.post('{}')
  const as = (headers: Sending['headers'], query = '') =>
    send(gateway, 'GET', `/admin/v1/rejected-calls${query}`, {
      headers: { 'x-api-key': undefined, ...headers },
    })
  const admin = { 'x-api-key': adminKey }

  // The counts are written within a second.
  await expect.poll(async () => (await as(admin)).body['total']).toBe(2)
  const ofMember = await as({ 'x-member': String(member.body['id']) }, '?member=mem_other')
  const before = await as(admin, '?until=2026-01-01')
  const long = await as(admin, '?since=2020-01-01')

  const day = new Date().toISOString().slice(0, 10)
  expect((await as(admin)).body['days']).toEqual([{ day, code: 'bad_request', calls: 2 }])
  expect(ofMember.body).toMatchObject({
    keys: [{ key_id: body['id'], key: 'own', code: 'bad_request', calls: 1 }],
    total: 1,
    complete: true,
  })
  expect((await as({ 'x-workspaces': 'elsewhere' })).body['total']).toBe(0)
  expect((await as({ 'x-workspaces': 'default' })).body['total']).toBe(2)
  expect(before.body['total']).toBe(0)
  expect(long).toMatchObject({ status: 400, body: { member: 'since' } })
})

test('the terms of an invoice are set, replaced, listed by page and removed, each change with its audit row', async () => {
  const gateway = await start()
  const path = '/admin/v1/workspaces/default/invoice-terms'
  const set = (from_month: string, adjustment_percent: string, headers: Sending['headers'] = {}) =>
    send(gateway, 'POST', path, { body: { from_month, adjustment_percent }, headers })
  const readAdjustment = async (month: string) =>
    (await send(gateway, 'GET', `/admin/v1/workspaces/default/invoices/${month}`)).body['adjustment_percent']

  const once = { 'idempotency-key': 'terms-1' }
  const first = await set('2026-10', '12.5', once)
  const again = await set('2026-10', '12.5', once)
  await set('2026-12', '-3.3333')
  await set('2026-12', '-5%')

  expect(first).toMatchObject({ status: 200, body: { from_month: '2026-10', adjustment_percent: '+12.5' } })
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(await Promise.all(['2026-09', '2026-11', '2027-01'].map(readAdjustment))).toEqual([
    '+0',
    '+12.5',
    '-5',
  ])
  const page = await send(gateway, 'GET', `${path}?limit=1`)
  const next = await send(gateway, 'GET', `${path}?limit=1&after=${String(page.body['next'])}`)
  expect(page.body).toMatchObject({ data: [{ from_month: '2026-10' }] })
  expect(next.body).toMatchObject({ data: [{ from_month: '2026-12' }], next: null })

  const removed = await send(gateway, 'DELETE', `${path}/2026-12`)
  expect(removed).toMatchObject({ status: 200, body: { adjustment_percent: '-5' } })
  expect((await send(gateway, 'DELETE', `${path}/2026-12`)).status).toBe(404)
  expect(await readAdjustment('2027-01')).toBe('+12.5')
  expect(await list(gateway, 'audit')).toMatchObject([
    { action: 'removeInvoiceTerms', before: { adjustment_percent: '-5' }, after: null },
    {
      action: 'setInvoiceTerms',
      before: { adjustment_percent: '-3.3333' },
      after: { adjustment_percent: '-5' },
    },
    { action: 'setInvoiceTerms', before: null, after: { from_month: '2026-12' } },
    { action: 'setInvoiceTerms', before: null, after: { from_month: '2026-10' } },
  ])
})

test.each([
  [{ from_month: '2026-13', adjustment_percent: '5' }, 'from_month: must be a month'],
  [{ from_month: '9999-12', adjustment_percent: '5' }, 'from_month: must be a month'],
  [{ from_month: '2026-11', adjustment_percent: '-100.0001' }, 'adjustment_percent: must be percent'],
  [{ from_month: '2026-11', adjustment_percent: '10000' }, 'adjustment_percent: must be percent'],
  [{ from_month: '2026-11', adjustment_percent: 'NaN' }, 'adjustment_percent: must be percent'],
  [{ from_month: '2026-11', adjustment_percent: '1e2' }, 'adjustment_percent: must be percent'],
  [{ from_month: '2026-11', adjustment_percent: 5 }, 'adjustment_percent: must be string'],
])('the terms %j of an invoice are refused', async (body, detail) => {
  const gateway = await start()

  const reply = await send(gateway, 'POST', '/admin/v1/workspaces/default/invoice-terms', { body })

  expect(reply).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) } })
  expect(await list(gateway, 'audit')).toEqual([])
})

test('a caller has a limited number of requests in a minute, and others have their own', async () => {
  const gateway = await start({ findMember: findByHeader, limits: { adminRequestsPerMinute: 3 } })
  const ask3 = async (headers: Sending['headers']) => {
    const statuses = []
    for (let time = 0; time < 4; time += 1)
      statuses.push((await send(gateway, 'GET', '/admin/v1/keys', { headers: headers ?? {} })).status)
    return statuses
  }

  expect(await ask3({})).toEqual([200, 200, 200, 429])
  expect(await ask3({ 'x-api-key': undefined, 'x-member': 'member_one' })).toEqual([200, 200, 200, 429])
  const last = await send(gateway, 'GET', '/admin/v1/keys')
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(30)
})

test('no body and no path makes the admin API fail, and none changes a thing unless it says so', async () => {
  const gateway = await start({ limits: { adminRequestsPerMinute: 1_000_000 } })
  const changing = adminRoutes.filter(({ body }) => body !== undefined)
  const hostileText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('../x', 'a/b', '%2e%2e', '__proto__', 'constructor', '\u202e', '"; DROP TABLE keys; --'),
  )
  const hostileBody = fc.oneof(
    fc.json(),
    fc
      .dictionary(
        fc.constantFrom('name', 'models', 'rates', 'email', 'expires_at', 'member_id', '__proto__'),
        fc.jsonValue(),
      )
      .map((value) => JSON.stringify(value)),
    hostileText,
  )

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...changing), hostileText, hostileBody, async (route, text, body) => {
      const path = route.path.replaceAll(/\{\w+\}/g, encodeURIComponent(toWellFormed(text)) || 'x')
      const reply = await send(gateway, route.method, path, { body: Buffer.from(body) })
      expect(reply.status, `${route.operation} ${text} ${body}: ${reply.text}`).toBeLessThan(500)
      if (reply.status >= 400) expect(reply.headers['content-type']).toBe('application/problem+json')
    }),
    { numRuns: 300 },
  )
})

test('a body of more than a megabyte is refused', async () => {
  const gateway = await start()

  const reply = await send(gateway, 'POST', '/admin/v1/keys', { body: { name: 'x'.repeat(2 ** 20) } })

  expect(reply).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
})

function toWellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '?')
}

async function start(options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, ...options })
}

async function send(
  gateway: RunningGateway,
  method: string,
  path: string,
  { body, headers }: Sending = {},
): Promise<Reply> {
  const bytes = body === undefined || body instanceof Buffer ? body : JSON.stringify(body)
  const {
    status,
    headers: answered,
    text,
  } = await ask(gateway.url + path, {
    method,
    ...(bytes !== undefined && { body: bytes }),
    headers: { ...usual, 'x-api-key': adminKey, ...headers },
  })
  const parsed = text === '' ? {} : (JSON.parse(text) as Reply['body']) // Every answer is a JSON object.
  return { status, headers: answered, text, body: parsed }
}

async function list(gateway: RunningGateway, kind: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await send(gateway, 'GET', `/admin/v1/${kind}?limit=1000`)
  return body['data'] as Record<string, unknown>[] // A list of the API.
}

function getNames({ body }: Reply): readonly unknown[] {
  return (body['data'] as { name: string }[]).map(({ name }) => name)
}

/** A member by a header, as a session would give it. */
async function findByHeader({ headers }: AdminClientRequest): Promise<Caller | null> {
  const [memberId, workspaces] = [headers['x-member'], headers['x-workspaces']]
  if (typeof workspaces === 'string')
    return { role: 'viewer', actor: 'viewer', memberId: null, workspaces: new Set([workspaces]) }
  return typeof memberId === 'string' ? { role: 'member', actor: memberId, memberId, workspaces: null } : null
}

/** Every value of every table, as text. */
function dumpStore(dataFolder: string): string {
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    return JSON.stringify(
      tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}"`).all()]),
    )
  } finally {
    database.close()
  }
}
