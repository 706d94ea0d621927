import { renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createGateway } from '../src/gateway.ts'
import { createKey } from '../src/auth/key-ring.ts'
import { findSegments } from '../src/store/journal-folder.ts'
import { readJournal } from '../src/store/journal.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { insertKey, revokeKey } from './stored-keys.ts'
import { until } from './condition.ts'
import { ask, readEnvelope, open } from './http-client.ts'
import { callStart, writeRows } from './ledger/call-rows.ts'
import { hang, openStream, plain, startUpstream, stream } from './recording-upstream.ts'
import { readRows, startGateway, temporaryFolder, usual } from './running-gateway.ts'
import type { RunningGateway } from './running-gateway.ts'
import { callBody, eventStream, events, message, messageCostNanoUsd, opus, streamBody } from './samples.ts'
import { scrape } from './telemetry/scrape.ts'

test('durations are right although the clock is set back during the call', async () => {
  let shiftMs = 0
  const upstream = await startUpstream((response, request) => {
    shiftMs = -7_200_000
    return stream(events)(response, request)
  })
  const gateway = await startGateway({ upstreamUrl: upstream.url, nowMs: () => Date.now() + shiftMs })

  await gateway.post(streamBody)

  const [row] = gateway.rows()
  for (const name of ['first_byte_ms', 'first_token_ms', 'total_ms'])
    expect(row?.[name]).toBeGreaterThanOrEqual(0)
})

test('writes one complete row for an answered call', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain(message, { headers: { 'request-id': 'req_upstream' } }))

  const answer = await gateway.post(callBody.replace(opus, 'claude-opus-4-1'), {
    headers: {
      'x-claude-code-session-id': 'session-1',
      'x-claude-code-agent-id': 'agent-1',
      'x-claude-code-parent-agent-id': 'agent-0',
    },
  })

  const rows = gateway.rows()
  expect(rows).toMatchObject([
    {
      id: answer.headers['request-id'],
      protocol: 'messages',
      key_id: 'key_local',
      requested_model: 'claude-opus-4-1',
      model: opus,
      upstream: 'recorder',
      platform: 'anthropic',
      streamed: 0,
      session_id: 'session-1',
      agent_id: 'agent-1',
      parent_agent_id: 'agent-0',
      outcome: 'answered',
      status: 200,
      attempts: 1,
      stop_reason: 'end_turn',
      error_type: null,
      message_id: 'msg_01',
      upstream_request_id: 'req_upstream',
      first_token_ms: null,
      rate_card: 'claude-opus-4-1/2025-08-05',
      cost_nano_usd: messageCostNanoUsd,
    },
  ])
  const [row] = rows
  expect(row?.['first_byte_ms']).toBeTypeOf('number')
  expect(Number(row?.['total_ms'])).toBeGreaterThanOrEqual(Number(row?.['first_byte_ms']))
})

test('has the start of a stream in its journal before its upstream is called, and soon lists the call', async () => {
  const { gateway, upstream } = await startBoth()
  let journal = ''
  upstream.answer((response, request) => {
    journal = readJournals(gateway.dataFolder)
    void openStream(events.slice(0, 3))(response, request)
  })

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  await until('the call is listed', () => gateway.rows().length === 1)
  const rows = gateway.rows()
  response.destroy()

  const id = String(response.headers['request-id'])
  expect(journal).toContain(`"${id}"`)
  expect(rows).toMatchObject([{ id, outcome: null, cost_nano_usd: null }])
})

test('records the end of a stream before its last byte is sent', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(stream(events))

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  let text = ''
  let seen: unknown = null
  for await (const chunk of response) {
    text += String(chunk)
    if (text.includes('message_stop')) seen ??= gateway.rows()[0]?.['outcome']
  }

  expect(seen).toBe('answered')
})

test('allows only one server per data folder', async () => {
  const { gateway } = await startBoth()

  const second = createGateway({ accounts: [], dataFolder: gateway.dataFolder })

  await expect(second).rejects.toMatchObject({ code: 'data_folder_busy' })
  expect((await gateway.post(callBody)).status).toBe(200)
})

test('releases the data folder when it closes', async () => {
  const { gateway } = await startBoth()

  await gateway.close()
  const second = await startGateway({ dataFolder: gateway.dataFolder })

  expect((await ask(`${second.url}/readyz`)).status).toBe(200)
})

test('a start that fails leaves the data folder free', async () => {
  const dataFolder = temporaryFolder()
  const wrong = { accounts: [], dataFolder, trustedProxies: ['proxy.example'] }

  await expect(createGateway(wrong)).rejects.toThrow("trusted_proxies: 'proxy.example' is neither")
  const gateway = await createGateway({ accounts: [], dataFolder })
  await gateway.close()

  expect(gateway.abandonedCalls).toBe(0)
})

test('lists unfinished calls of a crashed process as unknown', async () => {
  const dataFolder = temporaryFolder()
  const database = openDatabase(dataFolder)
  writeRows(database, [{ start: callStart({ id: 'req_abandoned' }), end: null }])
  database.close()

  const gateway = await createGateway({ accounts: [], dataFolder })
  await gateway.close()

  expect(gateway.abandonedCalls).toBe(1)
  expect(readRows(dataFolder)).toMatchObject([
    { id: 'req_abandoned', outcome: 'unknown', cost_nano_usd: null },
  ])
})

test('completes a running response although its folder is gone, and stores its row when it is back', async () => {
  const { gateway, upstream } = await startBoth({ ledgerWaitMs: 100 })
  const { finish } = await startStream(gateway, upstream)

  const putBack = takeAway(gateway)
  const text = await finish()
  upstream.answer(plain(message))
  const refused = await gateway.post(callBody)
  const ready = await ask(`${gateway.url}/readyz`)
  const alive = await ask(`${gateway.url}/healthz`)
  const samples = await scrape(gateway)
  putBack()
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'answered')
  await until('calls are accepted again', async () => (await gateway.post(callBody)).status === 200)

  expect(text).toBe(eventStream)
  expect([refused.status, readEnvelope(refused.text).error.type]).toEqual([503, 'api_error'])
  expect([refused.headers['x-should-retry'], refused.headers['retry-after']]).toEqual(['true', '1'])
  expect([ready.status, alive.status]).toEqual([503, 200])
  expect(ready.text).toBe('{"status":"not_ready","because":["ledger_unavailable"]}')
  expect(samples.get('anthology_ledger_healthy')).toBe(0)
  expect(samples.get('anthology_limit_reached_total{name="ledger_wait_ms"}')).toBe(0)
  expect(gateway.rows()[0]).toMatchObject({ cost_nano_usd: messageCostNanoUsd, stop_reason: 'end_turn' })
  const logged = gateway.log.map(({ event }) => event)
  expect(logged).toContain('ledger_failed')
  // The row was kept in the emergency folder in time.
  expect(logged).not.toContain('ledger_late')
})

test('serves calls although the database takes no rows, and stores them afterwards', async () => {
  const { gateway } = await startBoth()
  breakDatabase(gateway)

  const statuses = [(await gateway.post(callBody)).status, (await gateway.post(callBody)).status]
  await until('the operator is told', () => gateway.log.some(({ event }) => event === 'ledger_failed'))
  const samples = await scrape(gateway)
  const ready = await ask(`${gateway.url}/readyz`)
  repairDatabase(gateway)

  expect([...statuses, ready.status]).toEqual([200, 200, 200])
  expect(samples.get('anthology_ledger_lag_records')).toBeGreaterThanOrEqual(2)
  expect(samples.get('anthology_ledger_lag_seconds')).toBeGreaterThan(0)
  const failure = gateway.log.find(({ event }) => event === 'ledger_failed')?.['message']
  expect(failure).toBe('disk full; the calls are kept in the journal until the database takes them')
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }])
})

test('rejects new calls once the journal is too far ahead of the database', async () => {
  const { gateway } = await startBoth({ ledgerLagBytes: 1_500 })
  breakDatabase(gateway)

  await until('a call is rejected', async () => (await gateway.post(callBody)).status === 503)
  repairDatabase(gateway)
  await until('calls are accepted again', async () => (await gateway.post(callBody)).status === 200)
})

test('completes a response although no place takes its row, and writes it later', async () => {
  const upstream = await startUpstream(hang)
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    limits: { ledgerWaitMs: 100 },
    emergencyFolder: '/dev/null/none',
  })
  const calling = gateway.post(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)

  renameSync(gateway.dataFolder, `${gateway.dataFolder}-away`)
  upstream.requests[0]?.response.end(message)
  const answer = await calling
  renameSync(`${gateway.dataFolder}-away`, gateway.dataFolder)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'answered')

  expect(answer.text).toBe(message)
  expect(gateway.log.map(({ event }) => event)).toContain('ledger_late')
  expect(gateway.log.find(({ event }) => event === 'ledger_failed')?.['message']).toMatch(
    /^the journal cannot be written: .*; check the disk and the data folder$/,
  )
})

test('counts tokens while the ledger cannot be written', async () => {
  const { gateway, upstream } = await startBoth()
  const putBack = takeAway(gateway)
  await until('calls are rejected', async () => (await gateway.post(callBody)).status === 503)

  upstream.answer(plain('{"input_tokens":3}'))
  const counted = await gateway.post(callBody, { path: '/v1/messages/count_tokens' })
  putBack()

  expect(counted.text).toBe('{"input_tokens":3}')
})

test('waits for another process that locks the database', async () => {
  const { gateway, upstream } = await startBoth()
  const other = new DatabaseSync(join(gateway.dataFolder, 'anthology.sqlite'))
  other.exec('BEGIN IMMEDIATE')

  const call = gateway.post(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)
  other.exec('COMMIT')
  other.close()

  expect((await call).text).toBe(message)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
  expect(gateway.log.map(({ event }) => event)).toEqual(['call'])
})

test('closes although the database fails, says where the calls are, and stores them at the next start', async () => {
  const { gateway } = await startBoth({ ledgerWaitMs: 50 })
  breakDatabase(gateway)
  await gateway.post(callBody)

  await gateway.close()

  expect(gateway.log.at(-1)).toMatchObject({
    level: 'error',
    event: 'ledger_failed',
    message: 'the last calls are kept in the journal; the next start stores them',
  })
  repairDatabase(gateway)
  const next = await startGateway({ dataFolder: gateway.dataFolder })
  expect(next.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: messageCostNanoUsd }])
})

test('stores the last calls if the database recovers during close', async () => {
  const { gateway } = await startBoth({ ledgerWaitMs: 3_000 })
  breakDatabase(gateway)
  await gateway.post(callBody)

  const closing = gateway.close()
  repairDatabase(gateway)
  await closing

  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: messageCostNanoUsd }])
})

test('picks up keys that another process creates or revokes', async () => {
  const { gateway } = await startBoth()
  const { secret, record } = createKey('team', ['claude-3-haiku-20240307'], 1)
  const getStatus = async (model: string) =>
    (await gateway.post(callBody.replace(opus, model), { headers: { 'x-api-key': secret } })).status
  const database = openDatabase(gateway.dataFolder)

  insertKey(database, record)
  await until('the key is valid', async () => (await getStatus('claude-3-haiku-20240307')) === 200)
  const forbidden = await gateway.post(callBody, { headers: { 'x-api-key': secret } })
  revokeKey(database, record.id, 2)
  database.close()
  await until('the key is invalid', async () => (await getStatus('claude-3-haiku-20240307')) === 401)

  expect([forbidden.status, readEnvelope(forbidden.text).error.type]).toEqual([403, 'permission_error'])
  expect(new Set(gateway.rows().map((row) => row['key_id']))).toEqual(new Set([record.id]))
})

async function startStream(gateway: RunningGateway, upstream: Awaited<ReturnType<typeof startUpstream>>) {
  let goOn = () => {}
  upstream.answer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events.slice(0, 3).join(''))
    goOn = () => void response.end(events.slice(3).join(''))
  })
  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  const finish = async () => {
    goOn()
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return text
  }
  return { finish }
}

/** From now on every commit of a row fails, as on a full disk. */
function breakDatabase({ dataFolder }: RunningGateway): void {
  change(
    dataFolder,
    "CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  )
}

function repairDatabase({ dataFolder }: RunningGateway): void {
  change(dataFolder, 'DROP TRIGGER broken')
}

/** Moves the data folder away; returns a function that puts it back. */
function takeAway({ dataFolder }: RunningGateway): () => void {
  renameSync(dataFolder, `${dataFolder}-away`)
  return () => renameSync(`${dataFolder}-away`, dataFolder)
}

function readJournals(dataFolder: string): string {
  return findSegments(dataFolder)
    .flatMap(({ path }) => [...readJournal(path)])
    .join('\n')
}

function change(dataFolder: string, statement: string): void {
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  database.exec(statement)
  database.close()
}

async function startBoth(limits = {}) {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
