import type { Receiver } from '@anthology/wire'
import { expect, test } from 'vitest'

import type { GatewayOptions } from '../../src/gateway.ts'
import { until } from '../condition.ts'
import { hang, plain, rawThenDeath, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

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
