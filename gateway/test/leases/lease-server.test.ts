import { expect, test } from 'vitest'

import { createLeaseServer } from '../../src/leases/lease-server.ts'
import type { FromLeaseServer } from '../../src/leases/message.ts'
import { createRateWindows } from '../../src/rates/rates.ts'
import type { RateTaken } from '../../src/rates/rates.ts'
import { startTaking, createCluster, estimate, haiku, hold, key, model, takeAll } from './lease-workers.ts'

test('counts the leases of a dead worker as used', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await takeAll(cluster, [0])
  cluster.kill(0)

  const taken = await takeAll(cluster, Array<number>(100).fill(1))
  await cluster.pass(61_000)
  await cluster.settleMessages()
  const later = await takeAll(cluster, Array<number>(101).fill(1))

  // A quarter of the free amount was lent on top of the requested one.
  expect(taken.filter(({ ok }) => ok)).toHaveLength(75)
  expect(later.filter(({ ok }) => ok)).toHaveLength(100)
})

test('continues without a worker that does not answer a recall', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await takeAll(cluster, [0])
  cluster.stop(0)
  const taken: RateTaken[] = []
  for (let call = 0; call < 80; call += 1) startTaking(cluster, 1, taken)
  await cluster.settleMessages()

  // The free amount is lent at once; the rest needs the other worker's answer.
  expect(taken.filter(({ ok }) => ok)).toHaveLength(75)
  expect(taken).toHaveLength(75)
  await cluster.pass(300)
  await cluster.settleMessages()
  expect(taken).toHaveLength(80)

  // When it runs again it returns its lease, although late.
  cluster.go(0)
  await cluster.settleMessages()
  await cluster.pass(300)
  const late = await takeAll(cluster, Array<number>(30).fill(1))
  expect(late.filter(({ ok }) => ok)).toHaveLength(24)
})

test('a recall ends when every worker has answered its own recall, or at the deadline', async () => {
  const posted: FromLeaseServer[] = []
  let nowMs = 0
  const server = createLeaseServer({
    post: (_, message) => void posted.push(message),
    nowMs: () => nowMs,
    idleMs: 60_000,
    createLimits: (_, terms) => createRateWindows(terms, 60_000),
    workers: 2,
  })
  const none = { taken: [0, 0, 0], returned: [0, 0, 0], entries: [] }
  const use = { name: 'a', terms: { requests: 100 }, ...none }
  const request = { kind: 'request', use, need: [1, 0, 0], wanted: [0, 0, 0] } as const
  for (const worker of [1, 2]) server.onMessage(worker, request)
  const ended: string[] = []
  const recall = (name: string) => void server.recall('a').then(() => ended.push(name))
  const answer = (worker: number) =>
    server.onMessage(worker, { kind: 'report', uses: [], recalled: { name: 'a', need: null } })

  recall('first')
  answer(1)
  recall('second')
  answer(2)
  answer(1)
  await settle()
  const early = [...ended]
  answer(2)
  await settle()
  const answered = [...ended]
  recall('third')
  nowMs += 300
  server.tick()
  await settle()

  expect(early).toEqual([])
  expect(answered).toEqual(['first', 'second'])
  expect(ended).toEqual(['first', 'second', 'third'])
  expect(posted.filter(({ kind }) => kind === 'recall')).toHaveLength(6)
})

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('a report that crosses a recall is not its answer', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await takeAll(cluster, [0, 0])
  cluster.stop(0)
  const taken: RateTaken[] = []
  for (let call = 0; call < 98; call += 1) startTaking(cluster, 1, taken)
  await cluster.settleMessages()
  cluster.go(0)
  // It reports its usage before the recall arrives.
  await cluster.pass(100)

  await cluster.settleMessages()

  expect(taken.filter(({ ok }) => ok)).toHaveLength(98)
})

test('a lease for a waiting call is not returned before the call has it', async () => {
  const cluster = createCluster(2, { requests: 100 })
  const first: RateTaken[] = []
  startTaking(cluster, 0, first)
  await cluster.deliver(0)
  cluster.stop(0)
  const others: RateTaken[] = []
  for (let call = 0; call < 100; call += 1) startTaking(cluster, 1, others)
  await cluster.settleMessages()
  cluster.go(0)

  // Its lease and the recall.
  await cluster.deliverTogether(0)
  await cluster.settleMessages()

  expect(first).toMatchObject([{ ok: true }])
  expect(others.filter(({ ok }) => ok)).toHaveLength(99)
})

test('a call that is never sent makes room for a waiting one, even during a recall', async () => {
  const cluster = createCluster(2, { requests: 4, input_tokens: 1_000 })
  const held = await hold(cluster, 0, { inputTokens: 800, maxTokens: null })
  const waiting: RateTaken[] = []
  startTaking(cluster, 0, waiting, { inputTokens: 900, maxTokens: null })
  await cluster.deliver(0)
  held.settle(null, 'upstream_error')
  await cluster.settleMessages()

  expect(waiting).toMatchObject([{ ok: true }])
})

test('reports the wait, also in the headers, while another worker holds the whole limit', async () => {
  const cluster = createCluster(2, { requests: 10 })
  for (let call = 0; call < 10; call += 1) await hold(cluster, 0)
  const refused: RateTaken[] = []
  startTaking(cluster, 1, refused)
  await cluster.settleMessages()

  expect(refused).toMatchObject([
    {
      ok: false,
      retryAfterMs: 60_750,
      headers: {
        'retry-after': '61',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '1970-01-01T00:01:02Z',
      },
    },
  ])
})

test.each([130_000, 70 * 60_000])(
  'a response that exceeds its hold counts, even after %d ms without another call',
  async (afterMs) => {
    const cluster = createCluster(2, { output_tokens: 10_000 })
    const long = await hold(cluster, 0, { inputTokens: 1, maxTokens: 32_000 })
    long.start()
    await cluster.pass(1_500)
    await cluster.settleMessages()
    // The primary has deleted the bucket since; the worker would have, too.
    await cluster.pass(afterMs)
    void cluster.rates[0]?.take(key, model('claude-opus-4-1'), estimate)
    await cluster.settleMessages()
    long.settle({ output_tokens: 14_000 }, 'answered')
    await cluster.pass(100)
    await cluster.settleMessages()

    const refused: RateTaken[] = []
    startTaking(cluster, 1, refused)
    await cluster.settleMessages()

    expect(refused).toMatchObject([{ ok: false, kind: 'output_tokens' }])
  },
)

test('the holds of a stuck worker count from its death', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await hold(cluster, 0)
  cluster.stop(0)
  await cluster.pass(150_000)
  cluster.kill(0)
  await cluster.pass(100)

  const taken = await takeAll(cluster, Array<number>(100).fill(1))

  expect(taken.filter(({ ok }) => ok)).toHaveLength(75)
})

test('a worker that dies during a recall does not block others', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await hold(cluster, 0)
  cluster.stop(0)
  const taken: RateTaken[] = []
  for (let call = 0; call < 80; call += 1) startTaking(cluster, 1, taken)
  await cluster.settleMessages()
  expect(taken).toHaveLength(75)

  cluster.kill(0)
  await cluster.settleMessages()

  expect(taken).toHaveLength(80)
})

test('nothing is lent to a worker that died during its request', async () => {
  const cluster = createCluster(3, { requests: 100 })
  await hold(cluster, 0)
  cluster.stop(0)
  for (let call = 0; call < 100; call += 1) startTaking(cluster, 2, [])
  await cluster.settleMessages()
  cluster.kill(2)
  cluster.go(0)
  await cluster.settleMessages()
  await cluster.pass(61_000)
  await cluster.settleMessages()

  const taken = await takeAll(cluster, Array<number>(100).fill(1))

  expect(taken.filter(({ ok }) => ok)).toHaveLength(99)
})

test('a call that is sent again counts once in all workers, from then on', async () => {
  const cluster = createCluster(2, { requests: 2 })
  const call = await hold(cluster, 0)
  call.start()
  await cluster.pass(40_000)
  await cluster.settleMessages()
  call.start()
  await cluster.pass(10_000)
  await cluster.settleMessages()

  expect((await takeAll(cluster, [1]))[0]).toMatchObject({ ok: true })
  await cluster.pass(20_000)
  await cluster.settleMessages()
  expect((await takeAll(cluster, [1]))[0]).toMatchObject({ ok: false, retryAfterMs: 30_750 })
  await cluster.pass(30_800)
  expect((await takeAll(cluster, [1]))[0]).toMatchObject({ ok: true })
})

test('does not reject a call early when an admitted one has released its request', async () => {
  const cluster = createCluster(2, { requests: 1 })
  const held = await hold(cluster, 0)
  expect((await takeAll(cluster, [0]))[0]).toMatchObject({ ok: false })
  expect(cluster.rates[0]?.rejectEarly(key, haiku)).toMatchObject({ ok: false })

  held.settle(null, 'upstream_error')

  expect(cluster.rates[0]?.rejectEarly(key, haiku)).toBeNull()
})

test('two long calls that end together count like one after the other', async () => {
  const cluster = createCluster(2, { output_tokens: 10_000 })
  const unknown = { inputTokens: 1, maxTokens: null }
  const calls = [await hold(cluster, 0, unknown), await hold(cluster, 0, unknown)]
  for (const call of calls) call.start()
  await cluster.pass(1_500)
  await cluster.settleMessages()
  await cluster.pass(100_000)
  // The unused part of the second one has already expired, and cannot offset the first one's surplus.
  calls[0]?.settle({ output_tokens: 7_000 }, 'answered')
  calls[1]?.settle({ output_tokens: 0 }, 'answered')
  await cluster.pass(1_100)
  await cluster.settleMessages()

  const [next] = await takeAll(cluster, [1])

  expect(next?.ok === true ? next.headers() : {}).toMatchObject({
    'anthropic-ratelimit-output-tokens-remaining': '4000',
  })
})
