import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RatePermit, RateTaken, Rates } from '../../src/rates/rates.ts'
import { createCluster, estimate, haiku, key, takeAll } from './lease-workers.ts'

test('one worker can use the whole limit while the others are idle', async () => {
  const cluster = createCluster(3, { requests: 100 })

  // Every worker has a share, and two of them are idle.
  const first = await takeAll(cluster, [0, 1, 2])
  const rest = await takeAll(cluster, Array<number>(200).fill(2))

  expect(first.filter(({ ok }) => ok)).toHaveLength(3)
  expect(rest.filter(({ ok }) => ok)).toHaveLength(97)
})

test('sends one request to the primary for many waiting calls', async () => {
  const cluster = createCluster(2, { requests: 1_000 })
  const taken = Array.from({ length: 400 }, async () => cluster.rates[0]?.take(key, haiku, estimate))
  let messages = 0
  while (await cluster.deliver(0)) messages += 1

  expect((await Promise.all(taken)).every((one) => one?.ok)).toBe(true)
  expect(messages).toBeLessThan(10)
})

test('takes synchronously as long as the lease has room', async () => {
  const cluster = createCluster(2, { requests: 1_000, input_tokens: 1_000_000 })
  await takeAll(cluster, [0])

  const next = cluster.rates[0]?.take(key, haiku, estimate)

  expect(next).not.toBeInstanceOf(Promise)
  expect(next).toMatchObject({ ok: true })
})

test('repeats a recent denial immediately, and requests again when the window has moved', async () => {
  const cluster = createCluster(2, { requests: 5 })
  await takeAll(cluster, Array<number>(6).fill(0))

  const refused = cluster.rates[0]?.take(key, haiku, estimate)
  expect(refused).toMatchObject({ ok: false, kind: 'requests', headers: { 'retry-after': '61' } })
  expect(cluster.rates[0]?.rejectEarly(key, haiku)).toMatchObject({ ok: false, kind: 'requests' })

  await cluster.pass(60_750)
  await cluster.settleMessages()
  expect(cluster.rates[0]?.rejectEarly(key, haiku)).toBeNull()
  expect((await takeAll(cluster, [0]))[0]).toMatchObject({ ok: true })
})

test('returns unused shares without a recall', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await takeAll(cluster, [0])
  await cluster.pass(1_500)
  await cluster.settleMessages()
  cluster.kill(0)

  const taken = await takeAll(cluster, Array<number>(100).fill(1))

  expect(taken.filter(({ ok }) => ok)).toHaveLength(99)
})

test('reports the shared remaining amount in every worker', async () => {
  const cluster = createCluster(2, { requests: 100 })
  await takeAll(cluster, Array<number>(10).fill(0))
  await cluster.pass(1_500)
  await cluster.settleMessages()
  const [taken] = await takeAll(cluster, [1])

  const headers = taken?.ok === true ? taken.headers() : {}

  expect(headers).toMatchObject({
    'anthropic-ratelimit-requests-limit': '100',
    'anthropic-ratelimit-requests-remaining': '89',
  })
})

test('queued calls count from their start, in all workers', async () => {
  const cluster = createCluster(2, { requests: 20 }, 6_000)
  const waiting = Array.from({ length: 20 }, async () => cluster.rates[0]?.take(key, haiku, estimate))
  await cluster.settleMessages()
  await cluster.pass(3_000)
  for (const one of await Promise.all(waiting)) if (one?.ok === true) one.start()
  await cluster.pass(5_900)
  await cluster.settleMessages()

  const early = await takeAll(cluster, [0, 1])
  await cluster.pass(200)
  await cluster.settleMessages()
  const later = await takeAll(cluster, Array<number>(21).fill(1))

  expect(early.map(({ ok }) => ok)).toEqual([false, false])
  expect(later.filter(({ ok }) => ok)).toHaveLength(20)
})

const place = fc.nat(3)
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), worker: place }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), way: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver together' as const), worker: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver all' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('settle' as const), call: fc.nat(), share: fc.nat(100) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start' as const), call: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start again' as const), call: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rush' as const),
      worker: place,
      calls: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), worker: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('go' as const), worker: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), worker: place }) },
)

test('no interleaving of takes, starts, ends, messages and crashes exceeds the limits in any window, or loses a share', async () => {
  const windowMs = 6_000
  const limits = { requests: 6, input_tokens: 550, output_tokens: 280 }
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 200 }), async (actions) => {
      const cluster = createCluster(4, limits, windowMs)
      const taken: Taken[] = []
      const take = (worker: number) => {
        const rates = cluster.rates[worker]
        const admit = (one: RateTaken | undefined) => {
          if (one?.ok !== true || rates === undefined) return
          taken.push({ rates, sentAtMs: [], permit: one, input: 100, output: 50, settled: false })
        }
        const one = rates?.take(key, haiku, estimate)
        if (one instanceof Promise) void one.then(admit)
        else admit(one)
      }
      const stopped = new Set<number>()
      const canRun = ({ rates }: Taken) => {
        const worker = cluster.rates.indexOf(rates)
        return worker !== -1 && !stopped.has(worker)
      }
      const send = (call: Taken) => {
        call.permit.start()
        call.sentAtMs.push(cluster.nowMs)
      }

      for (const step of actions) {
        if (step.kind === 'take' || step.kind === 'rush') {
          const calls = step.kind === 'take' ? 1 : step.calls
          for (let call = 0; call < calls && !stopped.has(step.worker); call += 1) take(step.worker)
        } else if (step.kind === 'deliver') await cluster.deliver(step.way)
        else if (step.kind === 'deliver together') {
          if (!stopped.has(step.worker)) await cluster.deliverTogether(step.worker)
        } else if (step.kind === 'deliver all') await cluster.settleMessages()
        else if (step.kind === 'pass') await cluster.pass(step.ms)
        else if (step.kind === 'stop') {
          stopped.add(step.worker)
          cluster.stop(step.worker)
        } else if (step.kind === 'go') {
          stopped.delete(step.worker)
          cluster.go(step.worker)
        } else if (step.kind === 'die') {
          stopped.delete(step.worker)
          cluster.kill(step.worker)
          cluster.restart(step.worker)
        } else if (taken.length > 0) {
          const at = step.call % taken.length
          if (step.kind === 'start') {
            // A queue: the first admitted call starts first.
            for (const waiting of taken.slice(0, at + 1))
              if (!waiting.settled && waiting.sentAtMs.length === 0 && canRun(waiting)) send(waiting)
            continue
          }
          const call = taken[at]
          if (call === undefined || call.settled || !canRun(call)) continue
          if (step.kind === 'start again') {
            const [firstAtMs = -Infinity] = call.sentAtMs
            if (call.sentAtMs.length > 1 || cluster.nowMs - firstAtMs > windowMs) continue
            send(call)
            // The next report reaches the primary well before the first slot expires.
            await cluster.report(cluster.rates.indexOf(call.rates))
            continue
          }
          call.settled = true
          // Estimates are never too low here, so the limits must hold to the token.
          call.input = Math.ceil(100 * (step.share / 100))
          call.output = Math.ceil(50 * (step.share / 100))
          call.permit.settle({ input_tokens: call.input, output_tokens: call.output }, 'upstream_aborted')
          call.output = 50
        }
      }

      await comeToRest(cluster, taken)
      // No share is lost: the whole of each limit is available again, in any worker.
      for (let call = 0; call < limits.requests; call += 1) {
        const one = cluster.rates[call % 4]?.take(key, haiku, { inputTokens: 90, maxTokens: 45 })
        await cluster.settleMessages()
        expect(await one).toMatchObject({ ok: true })
      }

      // The first upstream's calls, then the second one's.
      for (const upstream of [0, 1]) {
        const made = taken.flatMap(({ sentAtMs, input, output }) => {
          const atMs = sentAtMs[upstream]
          return atMs === undefined ? [] : [{ atMs, input, output }]
        })
        for (const { atMs } of made) {
          const within = made.filter((call) => call.atMs <= atMs && call.atMs >= atMs - windowMs)
          expect(within.length).toBeLessThanOrEqual(limits.requests)
          expect(within.reduce((sum, { input }) => sum + input, 0)).toBeLessThanOrEqual(limits.input_tokens)
          expect(within.reduce((sum, { output }) => sum + output, 0)).toBeLessThanOrEqual(
            limits.output_tokens,
          )
        }
      }
    }),
    { numRuns: 300 },
  )
})

/** All workers run, every call has ended, and a window has passed. */
async function comeToRest(cluster: ReturnType<typeof createCluster>, taken: readonly Taken[]): Promise<void> {
  for (const worker of cluster.rates.keys()) cluster.go(worker)
  await cluster.settleMessages()
  for (const { permit } of taken) permit.settle(null, 'upstream_error')
  for (const ms of [300, 7_000, 1_100]) {
    await cluster.pass(ms)
    await cluster.settleMessages()
  }
}

interface Taken {
  /** The worker that admitted it; it ends with that process. */
  readonly rates: Rates
  /** The times at which it was sent, to the first and possibly a second upstream. */
  readonly sentAtMs: number[]
  readonly permit: RatePermit
  input: number
  output: number
  settled: boolean
}

test('workers whose requests cross recalls come to an end', async () => {
  const cluster = createCluster(4, { requests: 20, input_tokens: 1_500, output_tokens: 700 }, 6_000)
  const taken: RateTaken[] = []
  const take = (...workers: readonly number[]) => {
    for (const worker of workers)
      void Promise.resolve(cluster.rates[worker]?.take(key, haiku, estimate)).then(
        (one) => one !== undefined && taken.push(one),
      )
  }
  take(1)
  await cluster.deliver(0)
  take(2, 1, 1)
  await cluster.deliver(0)
  take(0, 1)
  await cluster.deliver(1)
  take(3, 3)
  await cluster.deliver(4)
  take(2)
  await cluster.pass(709)
  take(0, 0, 0, 0, 0, 0, 0, 2, 1)
  await cluster.pass(1_764)
  take(2)
  await cluster.deliver(1)
  await cluster.pass(3_602)

  await cluster.settleMessages()

  expect(taken).toHaveLength(19)
})

test('constant demand uses 98 % of the limit, at any distribution over the workers', async () => {
  const windowMs = 6_000
  const cluster = createCluster(4, { requests: 500 }, windowMs)
  const admittedAtMs: number[] = []
  const startMs = cluster.nowMs
  for (let step = 0; cluster.nowMs - startMs < 10 * windowMs; step += 1) {
    // Alternately evenly and all at one worker.
    const workers = step % 200 < 100 ? [0, 1, 2, 3] : [Math.floor(step / 200) % 4]
    for (const one of await takeAll(
      cluster,
      workers.flatMap((worker) => Array<number>(8).fill(worker)),
    ))
      if (one.ok) admittedAtMs.push(cluster.nowMs)
    await cluster.pass(25)
  }

  const most = Math.max(
    ...admittedAtMs.map((last) => admittedAtMs.filter((at) => at <= last && at >= last - windowMs).length),
  )
  expect(most).toBeLessThanOrEqual(500)
  expect(admittedAtMs.length / (10 * 500)).toBeGreaterThanOrEqual(0.98)
})
