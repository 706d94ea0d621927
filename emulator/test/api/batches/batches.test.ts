import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'

import type { BatchResultLine, MessageBatch } from '@anthology/wire'

import { createClock, createEmulator } from '../../../src/index.ts'
import { ask, getMessage } from '../../collecting-receiver.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const start = '2025-08-15T12:00:00.000Z'

const clock = createClock(start)
const emulator = createEmulator({ now: clock.now })
const slow = createEmulator({ now: clock.now, batchDurationMs: hourMs })

beforeEach(() => {
  clock.set(start)
  emulator.reset()
  slow.reset()
})

describe('a batch', () => {
  test('is in progress after its creation, with all its requests', async () => {
    const batch = await create(items('a', 'b', 'c'))

    expect(batch).toEqual({
      id: expect.stringMatching(/^msgbatch_01\w{22}$/),
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: 3, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: start,
      expires_at: '2025-08-16T12:00:00.000Z',
      ended_at: null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: null,
    })
  })

  test('has ended at the next read', async () => {
    const { id } = await create(items('a', 'b'))

    expect(await readBatch(id)).toMatchObject({
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
      ended_at: start,
      results_url: `https://api.anthropic.com/v1/messages/batches/${id}/results`,
    })
  })

  test('takes its duration by the clock, and counts all requests as processing until it has ended', async () => {
    const { id } = await create(items('a', 'b'), slow)

    clock.advance(hourMs - 1)
    expect(await readBatch(id, slow)).toMatchObject({
      processing_status: 'in_progress',
      request_counts: { processing: 2, succeeded: 0 },
      ended_at: null,
    })
    expect((await results(id, slow)).status).toBe(404)

    clock.advance(1)
    expect(await readBatch(id, slow)).toMatchObject({
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 2 },
      ended_at: '2025-08-15T13:00:00.000Z',
    })
  })

  test('has a results URL with the base URL of the request', async () => {
    const { id } = await create(items('a'))
    const at = (url: string) => emulator.fetch(url, { headers }).then((response) => response.json())

    expect(await at(`http://localhost:7272/base/v1/messages/batches/${id}`)).toMatchObject({
      results_url: `http://localhost:7272/base/v1/messages/batches/${id}/results`,
    })
  })

  test('that does not exist is named in the error', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/results'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      const { status, body } = await call(method, `/v1/messages/batches/msgbatch_x${path}`)

      expect(status).toBe(404)
      expect(body).toMatchObject({
        error: { type: 'not_found_error', message: expect.stringContaining('msgbatch_x') },
      })
    }
  })
})

describe('results', () => {
  test('equal the responses of the Messages API, at the tier that costs half', async () => {
    const { id } = await create([item('a', ask('Hello!'))])
    const { content, usage } = await getMessage(emulator, ask('Hello!'))

    expect(await lines(id)).toEqual([
      {
        custom_id: 'a',
        result: {
          type: 'succeeded',
          message: expect.objectContaining({ content, usage: { ...usage, service_tier: 'batch' } }),
        },
      },
    ])
  })

  test('are lines of JSON', async () => {
    const { id } = await create(items('a', 'b'))
    const { headers: sent, text } = await results(id)

    expect(sent.get('content-type')).toBe('application/x-jsonl')
    expect(text.endsWith('\n')).toBe(true)
    expect(text.trim().split('\n')).toHaveLength(2)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['no Messages body', {}, 'model: Field required'],
    ['a model that is none', ask('Hi', { model: 'claude-9' }), 'model: claude-9'],
    ['a stream', ask('Hi', { stream: true }), 'stream: '],
    ['a pre-warming', ask('Hi', { max_tokens: 0 }), 'max_tokens: '],
    ['a speed', ask('Hi', { speed: 'fast' }), 'speed: '],
  ])('of a request with %s are an error of its own', async (_, params, beginning) => {
    const { id } = await create([item('bad', params), item('good', ask('Hi'))])
    const [bad, good] = await lines(id)

    expect(bad).toEqual({
      custom_id: 'bad',
      result: {
        type: 'errored',
        error: {
          type: 'error',
          error: { type: expect.stringMatching(/_error$/), message: expect.stringContaining(beginning) },
          request_id: expect.stringMatching(/^req_/),
        },
      },
    })
    expect(good?.result.type).toBe('succeeded')
    expect(await readBatch(id)).toMatchObject({ request_counts: { succeeded: 1, errored: 1 } })
  })

  test('are available for 29 days', async () => {
    const { id } = await create(items('a'))

    clock.advance(29 * dayMs - 1)
    expect((await results(id)).status).toBe(200)
    expect(await readBatch(id)).toMatchObject({ archived_at: null })

    clock.advance(1)
    expect((await results(id)).status).toBe(404)
    expect(await readBatch(id)).toMatchObject({ archived_at: '2025-09-13T12:00:00.000Z' })
  })
})

test('the rate limits of messages do not apply to batches', async () => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 }
  const limited = createEmulator({ now: clock.now, capacity: { limits } })
  const { id } = await create(items('a', 'b', 'c'), limited)

  expect(await readBatch(id, limited)).toMatchObject({ request_counts: { succeeded: 3 } })
})

describe('an early end', () => {
  test('by cancellation keeps the finished results', async () => {
    const { id } = await create(items('a', 'b', 'c', 'd'), slow)

    clock.advance(hourMs / 2)
    expect((await call('POST', `/v1/messages/batches/${id}/cancel`, slow)).body).toMatchObject({
      processing_status: 'canceling',
      cancel_initiated_at: '2025-08-15T12:30:00.000Z',
      request_counts: { processing: 4 },
    })
    expect(await readBatch(id, slow)).toMatchObject({
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 2, canceled: 2 },
    })
    expect((await lines(id, slow)).map(({ result }) => result.type)).toEqual([
      'succeeded',
      'succeeded',
      'canceled',
      'canceled',
    ])
  })

  test('by cancellation is immediate for a batch that was never read', async () => {
    const { id } = await create(items('a', 'b'))

    expect((await call('POST', `/v1/messages/batches/${id}/cancel`)).body).toMatchObject({
      processing_status: 'canceling',
    })
    expect(await readBatch(id)).toMatchObject({ request_counts: { canceled: 2 } })
  })

  test('is rejected for a batch that has ended', async () => {
    const { id } = await create(items('a'))
    await readBatch(id)

    expect((await call('POST', `/v1/messages/batches/${id}/cancel`)).status).toBe(400)
  })

  test('happens after 24 hours: pending requests expire', async () => {
    const endless = createEmulator({ now: clock.now, batchDurationMs: 48 * hourMs })
    const { id } = await create(items('a', 'b'), endless)

    clock.advance(dayMs - 1)
    expect(await readBatch(id, endless)).toMatchObject({ processing_status: 'in_progress' })

    clock.advance(1)
    expect(await readBatch(id, endless)).toMatchObject({
      processing_status: 'ended',
      request_counts: { succeeded: 1, expired: 1 },
      ended_at: '2025-08-16T12:00:00.000Z',
    })
    expect((await lines(id, endless)).map(({ result }) => result.type)).toEqual(['succeeded', 'expired'])
  })
})

describe('a deletion', () => {
  test('requires a batch that has ended', async () => {
    const { id } = await create(items('a'), slow)

    expect((await call('DELETE', `/v1/messages/batches/${id}`, slow)).status).toBe(400)
    clock.advance(hourMs)
    expect((await call('DELETE', `/v1/messages/batches/${id}`, slow)).body).toEqual({
      id,
      type: 'message_batch_deleted',
    })
    expect((await call('GET', `/v1/messages/batches/${id}`, slow)).status).toBe(404)
  })
})

describe('the list', () => {
  test('has the newest first, in pages', async () => {
    const [one, two, three] = [await create(items('a')), await create(items('a')), await create(items('a'))]

    const { body: page } = await call('GET', '/v1/messages/batches?limit=2')
    expect(page).toMatchObject({
      data: [{ id: three.id, processing_status: 'ended' }, { id: two.id }],
      first_id: three.id,
      last_id: two.id,
      has_more: true,
    })
    expect((await call('GET', `/v1/messages/batches?after_id=${two.id}`)).body).toMatchObject({
      data: [{ id: one.id }],
      has_more: false,
    })
    expect((await call('GET', '/v1/messages/batches?limit=0')).status).toBe(400)
  })

  test('and every batch belong to one key', async () => {
    const as = (key: string) => ({ ...headers, 'x-api-key': key })
    const made = await emulator.fetch('/v1/messages/batches', {
      method: 'POST',
      headers: as('mine'),
      body: JSON.stringify({ requests: items('a') }),
    })
    // A batch, as the first test verifies.
    const { id } = (await made.json()) as MessageBatch
    const seen = async (path: string, key: string) =>
      (await emulator.fetch(`/v1/messages/batches${path}`, { headers: as(key) })).status

    expect(await seen(`/${id}`, 'mine')).toBe(200)
    expect(await seen(`/${id}`, 'theirs')).toBe(404)
    expect(await seen(`/${id}/results`, 'theirs')).toBe(404)
    expect((await call('GET', '/v1/messages/batches')).body).toMatchObject({ data: [] })
  })
})

describe('an immediate error', () => {
  const one = item('a', ask('Hi'))

  test.each<[string, unknown, string]>([
    ['no requests', {}, 'requests: Field required'],
    ['an empty list', { requests: [] }, 'requests: '],
    ['no params', { requests: [{ custom_id: 'a' }] }, 'requests.0.params: Field required'],
    [
      'a custom_id of other letters',
      { requests: [item('ä', {})] },
      'requests.0.custom_id: String should match',
    ],
    ['a custom_id that is too long', { requests: [item('x'.repeat(65), {})] }, 'requests.0.custom_id: '],
    ['a custom_id used twice', { requests: [one, one] }, 'requests.1.custom_id: '],
    ['an extra', { requests: [{ ...one, extra: 1 }] }, 'requests.0.extra: Extra inputs are not permitted'],
  ])('is for %s', async (_, body, beginning) => {
    const response = await emulator.fetch('/v1/messages/batches', {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(beginning) } })
  })
})

test('at any time all requests are counted, and each has one result', async () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40 * minuteMs }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), steps, fc.nat(6), async (total, waits, cancelAt) => {
      clock.set(start)
      const { id } = await create(
        Array.from({ length: total }, (_, i) =>
          item(`i${i}`, i % 3 === 2 ? {} : ask('Hi', { max_tokens: 2 })),
        ),
        slow,
      )
      for (const [step, waitMs] of waits.entries()) {
        clock.advance(waitMs)
        if (step === cancelAt) await call('POST', `/v1/messages/batches/${id}/cancel`, slow)
        const { request_counts: counts } = await readBatch(id, slow)
        expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(total)
      }
      clock.advance(dayMs)
      await readBatch(id, slow)
      const ids = (await lines(id, slow)).map(({ custom_id }) => custom_id)
      expect(ids).toEqual(Array.from({ length: total }, (_, i) => `i${i}`))
    }),
    { numRuns: 30 },
  )
})

const headers = { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }

interface Item {
  readonly custom_id: string
  readonly params: Readonly<Record<string, unknown>>
}

function item(customId: string, params: Readonly<Record<string, unknown>>): Item {
  return { custom_id: customId, params }
}

function items(...ids: readonly string[]): readonly Item[] {
  return ids.map((id) => item(id, ask('Hi', { max_tokens: 5 })))
}

async function create(requests: readonly Item[], on = emulator): Promise<MessageBatch> {
  const body = JSON.stringify({ requests })
  const response = await on.fetch('/v1/messages/batches', { method: 'POST', headers, body })
  if (response.status !== 200) throw new Error(await response.text())
  // The tests verify this shape.
  return (await response.json()) as MessageBatch
}

async function call(method: string, path: string, on = emulator): Promise<{ status: number; body: unknown }> {
  const response = await on.fetch(path, { method, headers })
  return { status: response.status, body: await response.json() }
}

async function readBatch(id: string, on = emulator): Promise<MessageBatch> {
  // As above.
  return (await call('GET', `/v1/messages/batches/${id}`, on)).body as MessageBatch
}

async function results(id: string, on = emulator) {
  const response = await on.fetch(`/v1/messages/batches/${id}/results`, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function lines(id: string, on = emulator): Promise<readonly BatchResultLine[]> {
  const { text } = await results(id, on)
  // As above.
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BatchResultLine)
}
