import { expect, test } from 'vitest'

import { createGateway } from '../src/gateway.ts'
import { createKey } from '../src/auth/key-ring.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { insertKey } from './stored-keys.ts'
import { ask, readEnvelope } from './http-client.ts'
import { localKey, startGateway, temporaryFolder } from './running-gateway.ts'

const headers = { 'x-api-key': localKey, 'anthropic-version': '2023-06-01' }

/** The eight models of the page "Models overview", of August 2025, with Sonnet 3.5 in both its versions. */
const pageModels = [
  'claude-opus-4-1-20250805',
  'claude-opus-4-20250514',
  'claude-sonnet-4-20250514',
  'claude-3-7-sonnet-20250219',
  'claude-3-5-haiku-20241022',
  'claude-3-haiku-20240307',
  'claude-3-5-sonnet-20241022',
  'claude-3-opus-20240229',
]

test('lists the models of the page, newest first', async () => {
  const gateway = await startGateway()

  const answer = await ask(`${gateway.url}/v1/models?limit=1000`, { headers })
  const page = getPage(answer.text)

  expect(answer.status).toBe(200)
  expect(answer.headers['request-id']).toMatch(/^req_/)
  expect(page.data.map(({ id }) => id)).toEqual(expect.arrayContaining(pageModels))
  const dates = page.data.map(({ created_at }) => created_at)
  expect(dates).toEqual(dates.toSorted().toReversed())
  expect(page.has_more).toBe(false)
})

test('pages through the models', async () => {
  const gateway = await startGateway()

  const first = getPage((await ask(`${gateway.url}/v1/models?limit=2`, { headers })).text)
  const next = getPage(
    (await ask(`${gateway.url}/v1/models?limit=2&after_id=${first.last_id}`, { headers })).text,
  )
  const wrong = await ask(`${gateway.url}/v1/models?limit=0`, { headers })

  expect([first.data.length, first.has_more]).toEqual([2, true])
  expect(next.data.map(({ id }) => id)).not.toContain(first.last_id)
  expect([wrong.status, readEnvelope(wrong.text).error.type]).toEqual([400, 'invalid_request_error'])
})

test('returns one model by any of its names', async () => {
  const gateway = await startGateway()

  for (const name of ['claude-opus-4-1', 'claude-opus-4-1-20250805', 'claude-opus-4-1%4020250805']) {
    const answer = await ask(`${gateway.url}/v1/models/${name}`, { headers })
    expect(JSON.parse(answer.text)).toMatchObject({
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
      created_at: '2025-08-05T00:00:00Z',
    })
  }
})

test('suggests names for an unknown model', async () => {
  const gateway = await startGateway()

  const answer = await ask(`${gateway.url}/v1/models/claude-opus-41`, { headers })

  expect(answer.status).toBe(404)
  expect(readEnvelope(answer.text).error).toEqual({
    type: 'not_found_error',
    message: expect.stringContaining('Did you mean claude-opus-4-1'),
  })
})

test('shows a key only the models that it may use', async () => {
  const dataFolder = temporaryFolder()
  const { secret, record } = createKey('team', ['claude-3-haiku-20240307'], 1)
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const gateway = await startGateway({ dataFolder })
  const team = { ...headers, 'x-api-key': secret }

  const list = getPage((await ask(`${gateway.url}/v1/models`, { headers: team })).text)
  const own = await ask(`${gateway.url}/v1/models/claude-3-haiku-20240307`, { headers: team })
  const other = await ask(`${gateway.url}/v1/models/claude-opus-4-1`, { headers: team })
  const active = getPage((await ask(`${gateway.url}/v1/models?lifecycle[]=active`, { headers: team })).text)
  const forOpenAi = getPage(
    (await ask(`${gateway.url}/v1/models`, { headers: { 'x-api-key': secret } })).text,
  )

  expect(list.data.map(({ id }) => id)).toEqual(['claude-3-haiku-20240307'])
  expect([own.status, other.status]).toEqual([200, 404])
  expect(active.data).toEqual([])
  expect(forOpenAi.data.map(({ id }) => id)).toEqual(['claude-3-haiku-20240307'])
})

test('describes a model as the Models API does today', async () => {
  const gateway = await startGateway({ nowMs: () => Date.parse('2026-11-22T12:00:00Z') })

  const active = await ask(`${gateway.url}/v1/models/claude-opus-5-5`, { headers })
  const retired = await ask(`${gateway.url}/v1/models/claude-opus-4-1`, { headers })

  expect(JSON.parse(active.text)).toMatchObject({
    type: 'model',
    id: 'claude-opus-5-5',
    max_input_tokens: 1_000_000,
    max_tokens: 128_000,
    line: 'opus',
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    capabilities: {
      image_input: { supported: true },
      thinking: { types: { adaptive: { supported: true }, enabled: { supported: false } } },
    },
  })
  expect(JSON.parse(retired.text)).toMatchObject({
    max_input_tokens: 200_000,
    max_tokens: 32_000,
    line: 'opus',
    lifecycle: 'retired',
    deprecated_at: '2026-06-05T00:00:00Z',
    retires_at: '2026-08-05T00:00:00Z',
    capabilities: { effort: { supported: false }, thinking: { types: { enabled: { supported: true } } } },
  })
})

test('lists the models with the requested lifecycle, or all released ones', async () => {
  const gateway = await startGateway({ nowMs: () => Date.parse('2026-10-15T12:00:00Z') })
  const early = await startGateway({ nowMs: () => Date.parse('2025-08-15T12:00:00Z') })
  const list = async (url: string, query: string) =>
    getPage((await ask(`${url}/v1/models?limit=1000${query}`, { headers })).text).data.map(({ id }) => id)

  const all = await list(gateway.url, '')
  const active = await list(gateway.url, '&lifecycle[]=active')
  const others = await list(gateway.url, '&lifecycle[]=deprecated&lifecycle[]=retired')
  const in2025 = await list(early.url, '')
  const wrong = await ask(`${gateway.url}/v1/models?lifecycle[]=active&lifecycle[]=old`, { headers })

  expect([...active, ...others].toSorted()).toEqual(all.toSorted())
  expect(active).toContain('claude-opus-5-5')
  expect(others).toEqual(expect.arrayContaining(pageModels))
  expect(in2025.toSorted()).toEqual([...pageModels, 'claude-3-5-sonnet-20240620'].toSorted())
  expect([wrong.status, readEnvelope(wrong.text).error]).toEqual([
    400,
    {
      type: 'invalid_request_error',
      message: "lifecycle.1: Input should be 'active', 'deprecated' or 'retired'",
    },
  ])
})

test("responds in OpenAI's format without an anthropic-version", async () => {
  const gateway = await startGateway()
  const bearer = { authorization: `Bearer ${localKey}` }

  const list = await ask(`${gateway.url}/v1/models`, { headers: bearer })
  const one = await ask(`${gateway.url}/v1/models/claude-opus-4-1`, { headers: bearer })

  const opus = {
    id: 'claude-opus-4-1-20250805',
    object: 'model',
    created: Date.parse('2025-08-05T00:00:00Z') / 1_000,
    owned_by: 'anthropic',
  }
  expect(JSON.parse(one.text)).toEqual(opus)
  expect(JSON.parse(list.text)).toEqual({ object: 'list', data: expect.arrayContaining([opus]) })
  expect(getPage(list.text).data.map(({ id }) => id)).toEqual(expect.arrayContaining(pageModels))

  const unknown = await ask(`${gateway.url}/v1/models/gpt-4o`, { headers: bearer })
  const keyless = await ask(`${gateway.url}/v1/models`)

  expect([unknown.status, JSON.parse(unknown.text)]).toEqual([
    404,
    {
      error: { code: 'not_found_error', message: 'model: gpt-4o', type: 'not_found_error', param: null },
    },
  ])
  expect([keyless.status, JSON.parse(keyless.text).error.code]).toEqual([401, 'authentication_error'])
})

test('rejects an invalid version', async () => {
  const gateway = await startGateway()
  const wrong = { ...headers, 'anthropic-version': '2024-01-01' }

  const answer = await ask(`${gateway.url}/v1/models`, { headers: wrong })

  expect(answer.status).toBe(400)
  expect(readEnvelope(answer.text).error.message).toBe(
    'anthropic-version: "2024-01-01" is not a valid version',
  )
})

test('requires a key before listing anything', async () => {
  const gateway = await startGateway()

  const answers = await Promise.all(
    ['/v1/models', '/v1/models/claude-opus-4-1'].map(async (path) => ask(gateway.url + path)),
  )

  expect(answers.map(({ status }) => status)).toEqual([401, 401])
})

test('serves health, readiness and the welcome page without a key', async () => {
  const gateway = await startGateway()

  const health = await ask(`${gateway.url}/healthz`)
  const ready = await ask(`${gateway.url}/readyz`)
  const hello = await ask(`${gateway.url}/api/hello`, { method: 'HEAD' })
  const welcome = await ask(`${gateway.url}/`)

  expect([health.status, health.text]).toEqual([200, '{"status":"ok"}'])
  expect([ready.status, ready.text]).toEqual([200, '{"status":"ready"}'])
  expect([hello.status, hello.text]).toEqual([200, ''])
  expect(welcome.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(welcome.text).toContain('POST /v1/messages')
})

test('reports that a port is in use', async () => {
  const first = await startGateway()
  const second = await createGateway({ accounts: [], dataFolder: temporaryFolder() })

  const listening = second.listen(first.port, '127.0.0.1')

  await expect(listening).rejects.toMatchObject({
    code: 'address_in_use',
    message: `port ${first.port} on 127.0.0.1 is in use`,
    hint: expect.stringContaining('--port'),
  })
  await second.close()
})

interface Page {
  readonly data: readonly { readonly id: string; readonly created_at: string }[]
  readonly has_more: boolean
  readonly last_id: string
}

function getPage(text: string): Page {
  // The tests check its members.
  return JSON.parse(text) as Page
}
