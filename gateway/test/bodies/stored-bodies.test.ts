import { existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Caller } from '../../src/auth/caller.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { openStream, plain, rawThenDeath, startUpstream, stream } from '../recording-upstream.ts'
import { startGateway, temporaryFolder, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, delta, errorBody, events, eventStream, message, streamBody } from '../samples.ts'
import { openBodies, record } from './opened-bodies.ts'

const adminKey = createSecret()
const hourMs = 3_600_000

test('prompts and answers of every kind are stored byte for byte, and shown with their call', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await start(upstream.url, { bodies: { max_bytes: 2_000 } })
  const send = async (body: string) => String((await gateway.post(body)).headers['request-id'])

  const whole = await send(callBody)
  upstream.answer(stream(events))
  const streamed = await send(streamBody)
  upstream.answer(plain(errorBody('invalid_request_error', 'Too odd'), { status: 400 }))
  const withToken = (token: string) =>
    callBody.replace(
      '{',
      `{"mcp_servers":[{"type":"url","url":"https://mcp.test","name":"x","authorization_token":"${token}"}],`,
    )
  const failed = String(
    (
      await gateway.post(withToken('mcp-secret'), {
        headers: { ...usual, 'anthropic-beta': 'mcp-client-2025-04-04' },
      })
    ).headers['request-id'],
  )
  upstream.answer((response, request) => openStream(events.slice(0, 4))(response, request))
  const abort = new AbortController()
  const sent = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
    signal: abort.signal,
  })
  const aborted = String(sent.headers.get('request-id'))
  const reader = sent.body?.getReader()
  await reader?.read()
  abort.abort()
  upstream.answer(stream([...events.slice(0, 2), delta(1_500), delta(1_500), ...events.slice(5)]))
  const long = await send(streamBody.replace('Hello', 'é'.repeat(3_000)))
  upstream.answer(rawThenDeath(''))
  const unanswered = await send(callBody)
  await expect.poll(() => gateway.rows().filter(({ outcome }) => outcome !== null).length).toBe(6)

  const request = { text: callBody, bytes: callBody.length, truncated: false }
  expect(await read(gateway, whole)).toEqual({
    request,
    response: { text: message, bytes: Buffer.byteLength(message), truncated: false, stream: false },
    absent_because: null,
  })
  expect(await read(gateway, streamed)).toMatchObject({
    request: { text: streamBody },
    response: { text: eventStream, truncated: false, stream: true },
  })
  expect(await read(gateway, failed)).toMatchObject({
    request: { text: withToken('**********'), truncated: false },
    response: { text: errorBody('invalid_request_error', 'Too odd'), stream: false },
  })
  expect(await read(gateway, aborted)).toMatchObject({
    response: { text: events.slice(0, 4).join(''), truncated: false },
  })
  const cut = await read(gateway, long)
  expect(cut).toMatchObject({ request: { truncated: true }, response: { truncated: true, stream: true } })
  expect(cut.request?.text).toHaveLength(2_000 - (cut.request?.text.match(/é/g) ?? []).length)
  expect(cut.response?.text).toHaveLength(2_000)
  expect(await read(gateway, unanswered)).toEqual({ request, response: null, absent_because: null })
})

test('bodies are for admins, in files that only the owner reads, and off means no folder', async () => {
  const upstream = await startUpstream(plain(message))
  const callers: Record<string, Partial<Caller>> = {
    admin: { role: 'admin' },
    viewer: { role: 'viewer' },
    billing: { role: 'billing' },
    member: { role: 'member', memberId: 'member_1' },
    elsewhere: { role: 'admin', workspaces: new Set(['wrkspc_other']) },
  }
  const on = await start(upstream.url, {
    bodies: {},
    findMember: async ({ headers: { 'x-caller': name } }) => {
      const found = callers[String(name)]
      return found === undefined
        ? null
        : { role: 'viewer', actor: 'member', memberId: null, workspaces: null, ...found }
    },
  })
  const off = await start(upstream.url)
  const elsewhere = await start(upstream.url, {
    workspaces: [{ name: 'Elsewhere' }],
    bodies: { workspaces: ['Elsewhere'] },
  })
  const id = String((await on.post(callBody)).headers['request-id'])
  const others = [off, elsewhere].map(async (gateway) => {
    const { headers } = await gateway.post(callBody)
    gateway.rows()
    return (await read(gateway, String(headers['request-id']))).absent_because
  })
  on.rows()

  const statuses = Object.keys(callers).map(async (name) => {
    const { status } = await ask(`${on.url}/admin/v1/calls/${id}/bodies`, { headers: { 'x-caller': name } })
    return [name, status]
  })
  const server = (gateway: RunningGateway) => ask(`${gateway.url}/admin/v1/server`, { headers })

  expect(await Promise.all(statuses)).toEqual([
    ['admin', 200],
    ['viewer', 403],
    ['billing', 403],
    ['member', 403],
    ['elsewhere', 404],
  ])
  expect(await Promise.all(others)).toEqual(['off', 'other_workspace'])
  const folder = join(on.dataFolder, 'bodies')
  const modes = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map((path) =>
    (statSync(path).mode & 0o777).toString(8),
  )
  expect(modes).toEqual(['700', '600'])
  expect([off, elsewhere].map(({ dataFolder }) => existsSync(join(dataFolder, 'bodies')))).toEqual([
    false,
    true,
  ])
  expect(readdirSync(join(elsewhere.dataFolder, 'bodies'))).toEqual([])
  expect(JSON.parse((await server(on)).text)).toMatchObject({
    stores_bodies: true,
    retention: { bodies: { configured: '7d', days: 7, since: expect.any(String) } },
  })
  expect(JSON.parse((await server(off)).text)).toMatchObject({
    stores_bodies: false,
    retention: { bodies: null },
  })
})

test('a workspace that does not exist stops the start', async () => {
  await expect(startGateway({ bodies: { workspaces: ['Nowhere'] } })).rejects.toThrow(
    "bodies.workspaces: there is no workspace 'Nowhere'",
  )
})

test('processes find the records of each other, also those before one that a crash has cut off', async () => {
  const folder = temporaryFolder()
  const [one, other] = [await openBodies({ folder }), await openBodies({ folder })]
  const together = [record(one), record(one)]
  await one.bodies.find(together[1] ?? '')
  const [last = ''] = readdirSync(folder).map((name) => join(folder, name))
  // Many calls at once are one block, whose ids are longer than what is read ahead.
  const many = Array.from({ length: 2_000 }, () => record(other))
  const ids = [...together, record(one), ...many.slice(-1)]
  await Promise.all([one.bodies.close(), other.bodies.close()])

  truncateSync(last, statSync(last).size - 3)
  const reader = await openBodies({ folder })
  const found = await Promise.all(ids.map((id) => reader.bodies.find(id)))
  writeFileSync(last, Buffer.alloc(10_000), { flag: 'a' })
  const behindZeros = await reader.bodies.find(ids[1] ?? '')
  await reader.bodies.close()

  expect(found.map((bodies) => bodies && Buffer.from(bodies.request.bytes).toString())).toEqual([
    `request of ${ids[0]}`,
    `request of ${ids[1]}`,
    null,
    `request of ${ids[3]}`,
  ])
  expect(behindZeros).not.toBeNull()
})

test('retention hides bodies at once and removes their files, and nothing else of the folder', async () => {
  const folder = temporaryFolder()
  const startMs = Date.parse('2026-11-30T10:59:00Z')
  const first = await openBodies({ folder, keptMs: 24 * hourMs, nowMs: () => startMs })
  const old = record(first, startMs)
  const young = record(first, startMs + 60_000)
  writeFileSync(join(folder, 'notes.txt'), '')
  await first.bodies.close()

  const later = await openBodies({ folder, keptMs: 24 * hourMs, nowMs: () => startMs + 24 * hourMs + 60_000 })
  const found = [await later.bodies.find(old), await later.bodies.find(young)]
  await expect.poll(() => readdirSync(folder).length).toBe(2)
  await later.bodies.close()

  expect(found.map((bodies) => bodies !== null)).toEqual([false, true])
  expect([old, young].map((id) => later.bodies.isRemoved(id))).toEqual([true, false])
  expect(readdirSync(folder).map((name) => name.replace(/-\w+\.bodies/, ''))).toEqual([
    '2026-11-30T11',
    'notes.txt',
  ])
})

test('bodies that find no memory are dropped and counted, and the memory comes back', async () => {
  const { bodies, capture } = await openBodies({ maxHeldBytes: 3_000 })

  const lost = capture()
  lost.begin()
  lost.head(true)
  for (let piece = 0; piece < 20; piece += 1) lost.chunk(Buffer.alloc(200))
  lost.keep()
  const moved = capture()
  // The first upstream's answer counts no more once another one is asked.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    moved.begin()
    moved.head(false)
    moved.chunk(Buffer.alloc(2_000, String(attempt)))
  }
  moved.keep()
  await bodies.find(moved.id)
  const next = capture()
  next.begin()
  next.head(false)
  next.chunk(Buffer.alloc(2_000))
  next.keep()
  const stored = await bodies.find(moved.id)
  await bodies.close()

  expect(bodies.counts).toEqual({ stored: 2, dropped: 1, failed: 0 })
  expect(stored?.answer).toMatchObject({ size: 2_000, isStream: false })
  expect(Buffer.from(stored?.answer?.bytes ?? []).toString()).toBe('2'.repeat(2_000))
})

test('a disk that takes nothing costs bodies only, and is reported once', async () => {
  const { bodies, capture, log, folder } = await openBodies({})
  const blocked = capture()
  // The names of segments are not known before, so the folder becomes a file.
  rmSync(folder, { recursive: true })
  writeFileSync(folder, '')

  blocked.keep()
  await bodies.close()
  capture().keep()
  await bodies.close()

  expect(bodies.counts).toEqual({ stored: 0, dropped: 0, failed: 2 })
  expect(log.filter(({ event }) => event === 'bodies_not_stored')).toHaveLength(1)
})

const headers = { ...usual, 'x-api-key': adminKey }

interface Bodies {
  readonly request: { readonly text: string; readonly truncated: boolean } | null
  readonly response: { readonly text: string; readonly stream: boolean } | null
  readonly absent_because: string | null
}

function start(upstreamUrl: string, options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, upstreamUrl, ...options })
}

async function read(gateway: RunningGateway, id: string): Promise<Bodies> {
  const answer = await ask(`${gateway.url}/admin/v1/calls/${id}/bodies`, { headers })
  expect([id, answer.status]).toEqual([id, 200])
  return JSON.parse(answer.text) as Bodies // The tests check its members.
}
