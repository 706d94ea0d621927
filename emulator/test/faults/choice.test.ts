import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Emulator, Rule } from '../../src/index.ts'
import type { Ask } from '../collecting-receiver.ts'
import { findCall, send } from './calls.ts'

const { request } = findCall('messages')
const busy = { status: 529 }

describe('a fault applies', () => {
  test('to the next request, or to the next n, and to none after them', async () => {
    const emulator = createEmulator()
    emulator.failNext({ status: 503 })
    emulator.failNext(busy, 2)

    expect(await list(emulator, 5)).toEqual([503, 529, 529, 200, 200])
  })

  test('n times, or to every n-th request, as its rule says', async () => {
    const [first, third] = [start({ times: 2, fault: busy }), start({ every: 3, fault: busy })]

    expect(await list(first, 4)).toEqual([529, 529, 200, 200])
    expect(await list(third, 7)).toEqual([200, 200, 529, 200, 200, 529, 200])
  })

  test('to a share of the requests, which the seed chooses', async () => {
    const rule = { rate: 0.3, fault: busy }
    const [one, same, other] = [start(rule, 'a'), start(rule, 'a'), start(rule, 'b')]
    const statuses = await list(one, 100)

    expect(await list(same, 100)).toEqual(statuses)
    expect(await list(other, 100)).not.toEqual(statuses)
    const share = statuses.filter((status) => status === 529).length
    expect(share).toBeGreaterThan(15)
    expect(share).toBeLessThan(45)
  })

  test('to a single request with the header, which leaves the next ones to failNext', async () => {
    const emulator = createEmulator()
    emulator.failNext(busy)
    const own = await send(emulator, request, { status: 418 })

    expect([own.status, ...(await list(emulator, 2))]).toEqual([418, 529, 200])
  })

  test('before a rule that matches the same request, whose reply is then not used', async () => {
    const emulator = start({ name: 'only once', times: 1, reply: { text: 'Hello.' } })
    emulator.failNext(busy)

    expect(await list(emulator, 1)).toEqual([529])
    expect((await send(emulator, request)).text).toContain('Hello.')
    expect(emulator.requests.map(({ fault, rule }) => [fault, rule])).toEqual([
      [busy, null],
      [null, 'rule 1 "only once"'],
    ])
  })

  test('to no request after a reset', async () => {
    const emulator = createEmulator()
    emulator.failNext(busy, 5)
    emulator.use({ fault: busy })
    emulator.reset()

    expect(await list(emulator, 2)).toEqual([200, 200])
  })
})

describe('an endpoint that creates no message', () => {
  const body = { model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hi' }] }
  const batch = { requests: [{ custom_id: 'a', params: { ...body, max_tokens: 10 } }] }
  const endpoints: readonly (readonly [string, Ask])[] = [
    ['count_tokens', { path: '/v1/messages/count_tokens', body }],
    [
      'count_tokens on Bedrock',
      {
        path: '/model/anthropic.claude-opus-4-1-20250805-v1:0/count-tokens',
        body: { input: { converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] } } },
      },
    ],
    [
      'count_tokens on Vertex',
      {
        path: '/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict',
        body: { ...body, model: 'claude-opus-4-1@20250805', anthropic_version: 'vertex-2023-10-16' },
      },
    ],
    ['models', { method: 'GET', path: '/v1/models' }],
    ['one model', { method: 'GET', path: '/v1/models/claude-opus-4-1' }],
    ['batches', { path: '/v1/messages/batches', body: batch }],
    ['list of batches', { method: 'GET', path: '/v1/messages/batches' }],
    ['files', { method: 'GET', path: '/v1/files', headers: { 'anthropic-beta': 'files-api-2025-04-14' } }],
    ['inference profiles', { method: 'GET', path: '/inference-profiles' }],
  ]

  test.each(endpoints)('%s fails by its path, by the header and by failNext', async (_, endpoint) => {
    const path = (endpoint.path ?? '').slice(1)
    const byPath = start({ when: { path: { contains: path } }, fault: { status: 500 } })
    const byNext = createEmulator()
    byNext.failNext({ status: 500 })

    expect((await send(byPath, endpoint)).status).toBe(500)
    expect((await send(byNext, endpoint)).status).toBe(500)
    expect((await send(createEmulator(), endpoint, { status: 500 })).status).toBe(500)
    expect((await send(createEmulator(), endpoint, { error_event: 'api_error' })).status).toBe(500)
  })

  test.each(endpoints)('%s can be cut, reset and malformed', async (_, endpoint) => {
    const normal = await send(createEmulator(), endpoint)
    const cut = await send(createEmulator(), endpoint, { cut: true })
    const malformed = await send(createEmulator(), endpoint, { malformed: 'json' })

    expect([normal.status, cut.status]).toEqual([200, 200])
    expect(cut.bytes.length).toBe(normal.bytes.length >> 1)
    expect(cut.failure).toMatchObject({ code: 'UND_ERR_SOCKET' })
    expect(malformed.bytes.length).toBe(normal.bytes.length - 1)
    expect((await send(createEmulator(), endpoint, { reset: true })).failure).toMatchObject({
      code: 'ECONNRESET',
    })
  })

  test.each(endpoints)('%s names members that have no effect on it', async (_, endpoint) => {
    const { headers } = await send(createEmulator(), endpoint, { wrong_usage: true, missing: 'message_stop' })

    expect(headers['x-anthology-notice']).toContain('without effect on this answer: missing, wrong_usage')
  })

  test('is not failed by a rule without a path', async () => {
    const emulator = start({ fault: busy })

    for (const [name, endpoint] of endpoints) expect((await send(emulator, endpoint)).status, name).toBe(200)
    expect(await list(emulator, 1)).toEqual([529])
  })
})

test('an item of a batch that a rule fails is errored, with the type of the fault', async () => {
  const params = (content: string) => ({
    model: 'claude-opus-4-1',
    max_tokens: 10,
    messages: [{ role: 'user', content }],
  })
  const emulator = start({
    when: { last_user: 'tea' },
    fault: { status: 529, error: { type: 'out_of_tea', message: 'No tea.' } },
  })
  const requests = ['tea', 'cake'].map((text) => ({ custom_id: text, params: params(text) }))
  const made = await send(emulator, { path: '/v1/messages/batches', body: { requests } })
  const path = `/v1/messages/batches/${JSON.parse(made.text).id}`
  await send(emulator, { method: 'GET', path })
  const { text } = await send(emulator, { method: 'GET', path: `${path}/results` })
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

  expect(lines.find((line) => line.custom_id === 'tea').result).toMatchObject({
    type: 'errored',
    error: { error: { type: 'out_of_tea', message: 'No tea.' } },
  })
  expect(lines.find((line) => line.custom_id === 'cake').result.type).toBe('succeeded')
})

function start(rule: Rule, seed = 'anthology'): Emulator {
  return createEmulator({ seed, scenario: { version: 1, rules: [rule] } })
}

async function list(emulator: Emulator, count: number): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let at = 0; at < count; at += 1) statuses.push((await send(emulator, request)).status)
  return statuses
}
