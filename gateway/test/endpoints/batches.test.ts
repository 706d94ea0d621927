import { renameSync } from 'node:fs'

import { expect, test } from 'vitest'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import {
  batchBody,
  createBatch,
  errored,
  haiku,
  otherKey,
  startBoth,
  storedItems,
  succeeded,
  succeededNanoUsd,
  sendRequest,
} from '../resources/batches.ts'
import type { Both } from '../resources/batches.ts'
import { batchText } from '../resources/keeping-upstream.ts'
import { plain, rawThenDeath, startUpstream } from '../recording-upstream.ts'
import { expectEnvelope } from '../api-errors.ts'
import { startGateway, upstreamKey } from '../running-gateway.ts'
import { opus } from '../samples.ts'

test('forwards a new batch byte for byte, except for model names', async () => {
  const { gateway, upstream } = await startBoth()
  const body = batchBody(['claude-opus-4-1', haiku, 'claude-opus-4-1'])

  const answer = await sendRequest(gateway, 'POST', '/p/v1/messages/batches?beta=true&x=1', {
    body,
    headers: { 'anthropic-beta': 'message-batches-2024-09-24' },
  })

  expect(answer.status).toBe(200)
  expect(answer.text).toBe(batchText('msgbatch_1', 'in_progress', null))
  expect(answer.headers).toMatchObject({
    'x-anthology-upstream': 'recorder',
    'request-id': expect.stringMatching(/^req_011/),
  })
  const [request] = upstream.requests
  expect(request).toMatchObject({ method: 'POST', target: '/v1/messages/batches?beta=true' })
  expect(request?.body.toString()).toBe(body.replaceAll('"claude-opus-4-1"', `"${opus}"`))
  expect(request?.headers).toMatchObject({
    'x-api-key': upstreamKey,
    'anthropic-beta': 'message-batches-2024-09-24',
  })
})

test('records the owner of a batch before the client gets its id', async () => {
  const both = await startBoth()

  await createBatch(both, { models: ['claude-opus-4-1', haiku], key: otherKey })

  expect(storedItems(both.gateway)).toEqual([
    {
      id: 'msgbatch_1',
      key_id: 'key_other',
      kind: 'batch',
      upstream: 'recorder',
      settled_at_ms: null,
      models: JSON.stringify({ 'claude-opus-4-1': opus, [haiku]: haiku }),
    },
  ])
  expect(both.gateway.rows()).toEqual([])
})

test('returns a batch whose owner is in the emergency file, and finds it once the ledger takes rows', async () => {
  const both = await startBoth()
  const change = (statement: string) => {
    const database = openDatabase(both.gateway.dataFolder)
    database.exec(statement)
    database.close()
  }
  const show = () => sendRequest(both.gateway, 'GET', '/v1/messages/batches/msgbatch_1')

  change("CREATE TRIGGER broken BEFORE INSERT ON resources BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  const created = await sendRequest(both.gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  const meanwhile = await show()
  change('DROP TRIGGER broken')
  await until('the owner is recorded', () => storedItems(both.gateway).length === 1)

  expect(created.status).toBe(200)
  expectEnvelope(meanwhile, { status: 503, type: 'api_error', says: /msgbatch_1 cannot be looked up$/ })
  expect(meanwhile.headers['x-should-retry']).toBe('true')
  expect((await show()).status).toBe(200)
})

test('does not return a batch whose owner is recorded too late, and then creates no other', async () => {
  const both = await startBoth({ limits: { ledgerWaitMs: 100 }, emergencyFolder: '/dev/null/none' })
  const { dataFolder } = both.gateway
  const create = () => sendRequest(both.gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  both.upstream.before(/batches$/, () => renameSync(dataFolder, `${dataFolder}-away`))

  const late = await create()
  const refused = await create()
  renameSync(`${dataFolder}-away`, dataFolder)
  await until('the owner is recorded after all', () => storedItems(both.gateway).length === 1)

  expectEnvelope(late, {
    status: 503,
    type: 'api_error',
    says: /^msgbatch_1 was created, but .* do not create it again$/,
  })
  expect(late.headers['x-should-retry']).toBe('false')
  expectEnvelope(refused, { status: 503, type: 'api_error', says: /batches and files cannot be created/ })
  expect(both.upstream.ids).toEqual(['msgbatch_1'])
})

test("redacts the account's credential in forwarded responses", async () => {
  const echoing = await startUpstream(plain(`{"id":"msgbatch_1","debug":"${upstreamKey}"}`))
  const gateway = await startGateway({ upstreamUrl: echoing.url })

  const created = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })
  const shown = await sendRequest(gateway, 'GET', '/v1/messages/batches/msgbatch_1')
  const listed = await sendRequest(gateway, 'GET', '/v1/messages/batches')

  for (const { status, text } of [created, shown, listed]) {
    expect(status).toBe(200)
    expect(text).toContain('"debug":"[redacted]"')
  }
})

test("forwards the upstream's rejection of a batch, and records nothing", async () => {
  const refusing = await startUpstream((response) => {
    response
      .writeHead(400, { 'content-type': 'application/json', 'retry-after': '7' })
      .end('{"as":"it came"}')
  })
  const gateway = await startGateway({ upstreamUrl: refusing.url })

  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })

  expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([400, '{"as":"it came"}', '7'])
  expect(storedItems(gateway)).toEqual([])
})

test('responds 502 for an upstream that aborts, sends no id, or redirects', async () => {
  const upstream = await startUpstream(rawThenDeath(''))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const create = () => sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })

  const died = await create()
  upstream.answer((response) => void response.end('{"id": 7}'))
  const withoutId = await create()
  upstream.answer((response) => void response.writeHead(302, { location: 'http://elsewhere/' }).end())
  const redirected = await create()

  expect([died.status, withoutId.status, redirected.status]).toEqual([502, 502, 502])
  expect(upstream.requests).toHaveLength(3)
})

test('shows a batch only to its key', async () => {
  const both = await startBoth()
  const { gateway, upstream } = both
  const id = await createBatch(both)
  upstream.end(id, [succeeded('a')])
  const asked = upstream.requests.length
  const foreign = { key: otherKey }

  const answers = [
    await sendRequest(gateway, 'GET', `/v1/messages/batches/${id}`, foreign),
    await sendRequest(gateway, 'GET', `/v1/messages/batches/${id}/results`, foreign),
    await sendRequest(gateway, 'POST', `/v1/messages/batches/${id}/cancel`, foreign),
    await sendRequest(gateway, 'DELETE', `/v1/messages/batches/${id}`, foreign),
    await sendRequest(gateway, 'GET', `/v1/files/${id}`),
  ]
  const listed = await sendRequest(gateway, 'GET', '/v1/messages/batches', foreign)

  for (const answer of answers.slice(0, 4))
    expectEnvelope(answer, {
      status: 404,
      type: 'not_found_error',
      says: /^Message batch msgbatch_1 not found$/,
    })
  expectEnvelope(answers[4] ?? listed, {
    status: 404,
    type: 'not_found_error',
    says: /^File not found: msgbatch_1$/,
  })
  expect(JSON.parse(listed.text)).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
  expect(upstream.requests).toHaveLength(asked)
})

test.each(['GET', 'POST'])('rejects %s without a key or a version', async (method) => {
  const { gateway, upstream } = await startBoth()
  const body = method === 'POST' ? { body: batchBody() } : {}

  const keyless = await sendRequest(gateway, method, '/v1/messages/batches', {
    ...body,
    headers: { 'x-api-key': undefined },
  })
  const versionless = await sendRequest(gateway, method, '/v1/messages/batches', {
    ...body,
    headers: { 'anthropic-version': undefined },
  })

  expect([keyless.status, versionless.status]).toEqual([401, 400])
  expect(upstream.requests).toEqual([])
})

test('cancels a batch', async () => {
  const both = await startBoth()
  const id = await createBatch(both)

  const answer = await sendRequest(both.gateway, 'POST', `/v1/messages/batches/${id}/cancel`)

  expect(answer.status).toBe(200)
  expect(both.upstream.requests.at(-1)).toMatchObject({
    method: 'POST',
    target: `/v1/messages/batches/${id}/cancel`,
  })
})

test("lists the key's own batches, newest first and in pages, with the upstream's bytes", async () => {
  const both = await startBoth()
  for (const key of [undefined, otherKey, undefined, undefined])
    await createBatch(both, key === undefined ? {} : { key })
  both.upstream.end('msgbatch_4', [])

  const first = await sendRequest(both.gateway, 'GET', '/v1/messages/batches?limit=2')
  const second = await sendRequest(both.gateway, 'GET', '/v1/messages/batches?limit=2&after_id=msgbatch_3')
  const broken = await sendRequest(both.gateway, 'GET', '/v1/messages/batches?after_id=msgbatch_2')

  const printed = [
    batchText('msgbatch_4', 'ended', both.gateway.url),
    batchText('msgbatch_3', 'in_progress', null),
  ]
  expect(first.text).toBe(
    `{"data":[${printed.join(',')}],"has_more":true,"first_id":"msgbatch_4","last_id":"msgbatch_3"}`,
  )
  expect(JSON.parse(second.text)).toMatchObject({ data: [{ id: 'msgbatch_1' }], has_more: false })
  expectEnvelope(broken, {
    status: 400,
    type: 'invalid_request_error',
    says: /^after_id: no batch with this id/,
  })
})

test('omits batches that the upstream no longer has from a list, and fetches few at once', async () => {
  const both = await startBoth()
  for (let made = 0; made < 13; made += 1) await createBatch(both)
  both.upstream.lose('msgbatch_13')
  both.upstream.lose('msgbatch_2')
  let [running, most] = [0, 0]
  both.upstream.before(/^GET/, async () => {
    most = Math.max(most, (running += 1))
    await until('the maximum runs', () => most >= 8)
    // A ninth request would have arrived by the time this one is answered.
    await ask(`${both.gateway.url}/healthz`)
    running -= 1
  })

  const answer = await sendRequest(both.gateway, 'GET', '/v1/messages/batches?limit=12')

  expect(listedIds(answer.text)).toEqual(Array.from({ length: 10 }, (_, at) => `msgbatch_${12 - at}`))
  expect(JSON.parse(answer.text)).toMatchObject({
    has_more: true,
    first_id: 'msgbatch_13',
    last_id: 'msgbatch_2',
  })
  expect(most).toBe(8)
})

test('forwards results unchanged, and records every billed one in the ledger', async () => {
  const both = await startBoth()
  const id = await createBatch(both, { models: ['claude-opus-4-1'] })
  const results = `${succeeded('a', { text: 'caf\\u00e9' })}\n${errored}\n{"custom_id":"c","result":{"type":"canceled"}}\n{"custom_id":"e","result":{"type":"expired"}}\n${succeeded('b')}\n`
  both.upstream.end(id, [results.slice(0, 300), results.slice(300)])

  const answer = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)
  const rows = both.gateway.rows()

  expect(answer.text).toBe(results)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/x-jsonl',
    'content-disposition': 'attachment',
  })
  expect(rows.map((row) => String(row['id']))).toEqual([`${id}/a`, `${id}/b`])
  expect(rows[0]).toMatchObject({
    protocol: 'batches',
    key_id: 'key_local',
    requested_model: 'claude-opus-4-1',
    model: opus,
    upstream: 'recorder',
    outcome: 'answered',
    stop_reason: 'end_turn',
    input_pico_usd: 7_500_000,
    cost_nano_usd: succeededNanoUsd,
  })
  expect(storedItems(both.gateway)[0]?.settled_at_ms).toEqual(expect.any(Number))
  expect(both.gateway.log).toContainEqual(
    expect.objectContaining({ event: 'batch_settled', batch: id, succeeded: 2, cost_usd: '0.0225' }),
  )
})

test('writes the same rows however often results are read', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  both.upstream.end(id, [`${succeeded('a')}\n${succeeded('b')}`])
  const read = () => sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)

  await read()
  const once = both.gateway.rows()
  await Promise.all([read(), read(), read()])

  expect(once).toHaveLength(2)
  expect(both.gateway.rows()).toEqual(once)
})

test('forwards that there are no results yet', async () => {
  const both = await startBoth()
  const id = await createBatch(both)

  const answer = await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)

  expect(answer.status).toBe(404)
  expect(answer.text).toContain(`no results of ${id}`)
  expect(storedItems(both.gateway)[0]?.settled_at_ms).toBeNull()
})

test('reads the results of a batch before it is deleted', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  const early = await sendRequest(both.gateway, 'DELETE', `/v1/messages/batches/${id}`)
  // The batch may end at any moment; a forwarded request would delete unread results.
  const asked = both.upstream.requests.filter(({ method }) => method === 'DELETE')
  both.upstream.end(id, [succeeded('a')])

  const answer = await sendRequest(both.gateway, 'DELETE', `/v1/messages/batches/${id}`)

  expectEnvelope(early, { status: 400, type: 'invalid_request_error', says: /in progress; cancel it before/ })
  expect(asked).toEqual([])
  expect(answer.text).toBe(`{"id": "${id}",  "type": "message_batch_deleted"}`)
  expect(both.gateway.rows()).toMatchObject([{ id: `${id}/a`, cost_nano_usd: succeededNanoUsd }])
  expect(storedItems(both.gateway)).toEqual([])
  expect((await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}`)).status).toBe(404)
})

test('finds its batches after a restart', async () => {
  const first = await startBoth()
  const id = await createBatch(first)
  await first.gateway.close()
  first.upstream.end(id, [succeeded('a')])

  const gateway = await startGateway({
    upstreamUrl: first.upstream.url,
    dataFolder: first.gateway.dataFolder,
  })
  const answer = await sendRequest(gateway, 'GET', `/v1/messages/batches/${id}/results`)

  expect(answer.text).toBe(succeeded('a'))
  expect(gateway.rows()).toMatchObject([{ id: `${id}/a`, cost_nano_usd: succeededNanoUsd }])
})

test('keeps concurrent batches of several clients separate', async () => {
  const both: Both = await startBoth()
  const make = (key: string | undefined) => createBatchFor(both, key)

  const made = await Promise.all(
    Array.from({ length: 24 }, (_, index) => make(index % 2 === 0 ? undefined : otherKey)),
  )
  const own = listedIds((await sendRequest(both.gateway, 'GET', '/v1/messages/batches?limit=100')).text)

  expect(own.toSorted()).toEqual(made.filter((_, index) => index % 2 === 0).toSorted())
})

async function createBatchFor({ gateway }: Both, key: string | undefined): Promise<string> {
  const answer = await sendRequest(gateway, 'POST', '/v1/messages/batches', {
    body: batchBody(),
    ...(key === undefined ? {} : { key }),
  })
  return (JSON.parse(answer.text) as { id: string }).id // The upstream of these tests prints it.
}

function listedIds(text: string): string[] {
  return (JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id) // The shape of a list.
}
