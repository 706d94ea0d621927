import { createHmac } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { deliverWebhook } from '../../src/budgets/deliver-webhook.ts'
import { isPublicAddress } from '../../src/budgets/public-address.ts'
import { noProxies } from '../../src/upstreams/proxies/choose-proxy.ts'
import { until } from '../condition.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream } from '../recording-upstream.ts'
import { createBody, startWithBudgets } from './budget-calls.ts'

const secret = 'the-secret-of-the-receiver'

interface SentEvent {
  readonly id: string
  readonly type: string
  readonly occurred_at: string
  readonly data: Readonly<Record<string, unknown>>
}

function readEvents({ requests }: RecordingUpstream): readonly SentEvent[] {
  return requests.map(({ body }) => JSON.parse(body.toString()) as SentEvent)
}

test('each threshold is sent once in a window, signed, and again after a failure until it is accepted', async () => {
  const receiver = await startUpstream(plain('', { status: 503 }))
  const budgets = {
    budgets: [{ scope: 'organization', limit: '0.002', window: 'total', thresholds: [10, 50] }],
    webhooks: [{ url: `${receiver.url}/hook`, secret, private: true }],
  } as const
  const gateway = await startWithBudgets({ budgets })

  while ((await gateway.post(createBody())).status === 200);
  await until('the first attempt', () => receiver.requests.length > 0)
  receiver.answer(plain('', { status: 204 }))
  await until(
    'both thresholds are accepted',
    () => new Set(readEvents(receiver).map(({ id }) => id)).size === 2,
  )
  await setTimeout(2_500)
  const sent = receiver.requests.length
  await gateway.close()
  const again = await startWithBudgets({ budgets, dataFolder: gateway.dataFolder })
  await setTimeout(1_500)
  await again.close()

  const events = readEvents(receiver)
  expect(receiver.requests).toHaveLength(sent)
  expect(new Set(events.map(({ data }) => data['threshold']))).toEqual(new Set([10, 50]))
  expect(events[0]).toMatchObject({
    id: expect.stringMatching(/^event_[0-9a-f]{24}$/),
    type: 'budget.threshold_reached',
    occurred_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
    data: { scope: 'organization', limit_usd: '0.002', action: 'block', resets_at: null },
  })
  for (const { headers, body } of receiver.requests) {
    const { t, v1 } =
      /t=(?<t>\d+),v1=(?<v1>[0-9a-f]+)/.exec(String(headers['x-anthology-signature']))?.groups ?? {}
    expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body.toString()}`).digest('hex'))
  }
  const entries = gateway.log.filter(({ event }) => event === 'budget_threshold')
  expect(entries.map(({ threshold }) => threshold)).toEqual([10, 50])
})

test('a receiver that never answers delays no event of another one', async () => {
  const silent = await startUpstream(() => {})
  const receiver = await startUpstream(plain('', { status: 204 }))
  const budgets = {
    budgets: [{ scope: 'organization', limit: '0.002', window: 'total', thresholds: [10, 20, 30] }],
    webhooks: [silent, receiver].map(({ url }) => ({ url, secret, private: true })),
  } as const
  const gateway = await startWithBudgets({ budgets })

  while ((await gateway.post(createBody())).status === 200);
  await until('the other receiver has all events', () => receiver.requests.length === 3)
  const { length } = silent.requests
  await gateway.close()

  // The silent one has not let go of its first event.
  expect(length).toBe(1)
})

const delivery = {
  nowMs: 1_700_000_000_000,
  signal: new AbortController().signal,
  proxies: noProxies,
}

test.each([
  ['http://127.0.0.1:9/', 'only https is allowed'],
  ['https://127.0.0.1:9/', 'has a private address'],
  ['https://[::1]:9/', 'has a private address'],
  ['https://localhost:9/', 'has a private address'],
  ['https://169.254.169.254/latest/meta-data', 'has a private address'],
  ['ftp://example.com/', 'only https is allowed'],
])('nothing is sent to %s', async (url, problem) => {
  const answer = await deliverWebhook({ url, secret }, { id: 'event_1', body: '{}' }, delivery)

  expect(answer).toContain(problem)
})

test('a redirect is not followed', async () => {
  const other = await startUpstream(plain(''))
  const receiver = await startUpstream(plain('', { status: 307, headers: { location: other.url } }))

  const answer = await deliverWebhook(
    { url: receiver.url, secret, private: true },
    { id: 'event_1', body: '{}' },
    delivery,
  )

  expect(answer).toBe('the receiver answered 307')
  expect(other.requests).toEqual([])
})

test.each([
  ['8.8.8.8', true],
  ['2606:4700:4700::1111', true],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['172.31.255.255', false],
  ['192.168.0.1', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['not an address', false],
])('the address %s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
})

test('a webhook without https to which no event would be sent is refused at the start', async () => {
  const start = () =>
    startWithBudgets({ budgets: { webhooks: [{ url: 'http://hooks.example.com/anthology', secret }] } })

  await expect(start()).rejects.toMatchObject({
    code: 'config_invalid',
    message: 'webhooks.0.url: events are sent with https only',
  })
})
