import type { Receiver } from '@anthology/wire'
import { expect, test } from 'vitest'

import type { GatewayOptions } from '../../src/gateway.ts'
import { until } from '../condition.ts'
import { hang, plain, rawThenDeath, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { callBody, message, opus } from '../samples.ts'

type Account = GatewayOptions['accounts'][number]

test('tries the next upstream when one is unreachable, and writes one row for both', async () => {
  const upstream = await startUpstream(plain(message))
  const away = { ...httpAccount('http://127.0.0.1:1'), name: 'away' }
  const gateway = await startGateway({ accounts: [away, httpAccount(upstream.url)] })

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.headers['x-anthology-attempts']]).toEqual([200, '2'])
  expect(gateway.rows()).toMatchObject([{ upstream: 'recorder', attempts: 2, outcome: 'answered' }])
})

test.each<[string, Script]>([
  ['accepted the request and closed the connection', rawThenDeath('')],
  [
    'closed the connection in its response',
    rawThenDeath('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"id":'),
  ],
  ['did not respond in time', hang],
  ['sent too large a response', plain(`${message}${' '.repeat(2_000)}`)],
  ['used another content-encoding', plain(message, { headers: { 'content-encoding': 'compress' } })],
])('tries no other upstream if the first one %s, because it may bill the call', async (_, script) => {
  const [first, second] = [await startUpstream(script), await startUpstream(plain(message))]
  const limits = { upstreamFirstByteMs: 100, plainAnswerBytes: 2_000 }
  const accounts = [first, second].map(({ url }, at) => ({
    ...httpAccount(url, limits),
    name: `number ${at}`,
  }))
  const gateway = await startGateway({ accounts, limits })

  const answer = await gateway.post(callBody)

  expect([502, 504]).toContain(answer.status)
  expect([first.requests.length, second.requests.length]).toEqual([1, 0])
  expect(gateway.rows()).toMatchObject([{ upstream: 'number 0', attempts: 1, outcome: 'upstream_aborted' }])
})

test('tries the next upstream if the first one redirects', async () => {
  const first = await startUpstream(plain('', { status: 302, headers: { location: 'http://127.0.0.1:1' } }))
  const second = await startUpstream(plain(message))
  const accounts = [first, second].map(({ url }, at) => ({ ...httpAccount(url), name: `number ${at}` }))
  const gateway = await startGateway({ accounts })

  expect((await gateway.post(callBody)).status).toBe(200)
})

test("a call that its next upstream's queue rejects ends with the result of its last attempt", async () => {
  const upstream = await startUpstream(hang)
  const { account, failNow } = dyingAccount()
  const gateway = await startGateway({
    accounts: [account, httpAccount(upstream.url)],
    limits: { concurrentCalls: 1, queueMs: 30 },
  })
  // The first call moves to the second upstream and occupies its only slot.
  const first = gateway.post(callBody)
  failNow()
  await until('the first call is at the second upstream', () => upstream.requests.length === 1)

  const second = gateway.post(callBody)
  failNow()

  expect((await second).status).toBe(502)
  upstream.requests[0]?.response.writeHead(200, { 'content-type': 'application/json' }).end(message)
  expect((await first).status).toBe(200)
  expect(gateway.rows()).toMatchObject([
    { upstream: 'recorder', attempts: 2, outcome: 'answered' },
    { upstream: 'dying', attempts: 1, outcome: 'upstream_aborted', status: 502 },
  ])
  // Nothing is still running or counted twice.
  const apiErrors = gateway.metrics().find(({ name }) => name === 'anthology_api_errors_total')
  expect(apiErrors?.values.filter(({ value }) => value > 0)).toEqual([
    { labels: { code: 'upstream_unreachable' }, value: 1 },
  ])
})

test('a call goes on to the next upstream that has a place if too many wait for one, first or later', async () => {
  const busy = await startUpstream(hang)
  const { account: dying, failNow } = dyingAccount()
  const free = await startUpstream(plain(message))
  const accounts = [
    { ...httpAccount(busy.url), name: 'busy' },
    { ...httpAccount(free.url), name: 'free' },
  ]
  const routing = { models: { 'claude-haiku-4-5': [['dying'], ['busy'], ['free']] } }
  const limits = { concurrentCalls: 1, queueMs: 30 }
  const gateway = await startGateway({ accounts: [...accounts, dying], limits, routing })
  const running = gateway.post(callBody)
  await until('the first call is there', () => busy.requests.length === 1)

  const second = await gateway.post(callBody)
  const moved = gateway.post(callBody.replace(opus, 'claude-haiku-4-5'))
  failNow()

  const notice = 'upstream busy was not asked, because too many calls wait for it'
  for (const answer of [second, await moved]) {
    expect([answer.status, answer.headers['x-anthology-upstream']]).toEqual([200, 'free'])
    expect(answer.headers['x-anthology-notice']).toContain(notice)
  }
  busy.requests[0]?.response.writeHead(200, { 'content-type': 'application/json' }).end(message)
  expect((await running).status).toBe(200)
  expect(gateway.rows().map(({ upstream, attempts, outcome }) => [upstream, attempts, outcome])).toEqual([
    ['busy', 1, 'answered'],
    ['free', 1, 'answered'],
    ['free', 2, 'answered'],
  ])
  const reached = gateway.metrics().find(({ name }) => name === 'anthology_limit_reached_total')
  expect(reached?.values.find(({ labels }) => labels['name'] === 'queue_ms')?.value).toBe(2)
})

/** An upstream that closes the connection on demand. */
function dyingAccount(): { account: Account; failNow: () => void } {
  let told = 0
  const waiting: Receiver[] = []
  const fail = () => {
    while (told > 0 && waiting.length > 0) {
      told -= 1
      waiting.shift()?.fail(new Error('it died'))
    }
  }
  const upstream: Account['upstream'] = {
    send(_, receiver) {
      waiting.push(receiver)
      queueMicrotask(fail)
      return { resume: () => {}, abort: () => {} }
    },
  }
  return {
    account: { name: 'dying', platform: 'anthropic', upstream, secrets: [] },
    failNow() {
      told += 1
      fail()
    },
  }
}
