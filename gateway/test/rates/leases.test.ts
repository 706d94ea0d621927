import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RatePermit, RateTaken } from '../../src/rates/rates.ts'
import { createFleet, key, model } from './fleet.ts'

const haiku = model('claude-haiku-4-5')
const estimate = { inputTokens: 100, maxTokens: 50 }

test('lets a worker take everything where the others take nothing', async () => {
  const fleet = createFleet(3, { requests: 100 })

  // Every worker has had a share, and two of them lie idle with theirs.
  const first = await takeAll(fleet, [0, 1, 2])
  const rest = await takeAll(fleet, Array<number>(200).fill(2))

  expect(first.filter(({ ok }) => ok)).toHaveLength(3)
  expect(rest.filter(({ ok }) => ok)).toHaveLength(97)
})

test('asks the primary once for many calls that wait', async () => {
  const fleet = createFleet(2, { requests: 1_000 })
  const taken = Array.from({ length: 400 }, async () => fleet.rates[0]?.take(key, haiku, estimate))
  let messages = 0
  while (await fleet.deliver(0)) messages += 1

  expect((await Promise.all(taken)).every((one) => one?.ok)).toBe(true)
  expect(messages).toBeLessThan(10)
})

test('takes without a promise as long as the lease holds', async () => {
  const fleet = createFleet(2, { requests: 1_000, input_tokens: 1_000_000 })
  await takeAll(fleet, [0])

  const next = fleet.rates[0]?.take(key, haiku, estimate)

  expect(next).not.toBeInstanceOf(Promise)
  expect(next).toMatchObject({ ok: true })
})

test('refuses at once what was refused just now, and asks again when the window has moved', async () => {
  const fleet = createFleet(2, { requests: 5 })
  await takeAll(fleet, Array<number>(6).fill(0))

  const refused = fleet.rates[0]?.take(key, haiku, estimate)
  expect(refused).toMatchObject({ ok: false, kind: 'requests', headers: { 'retry-after': '61' } })
  expect(fleet.rates[0]?.refuseEarly(key, haiku)).toMatchObject({ ok: false, kind: 'requests' })

  await fleet.pass(60_750)
  await fleet.settleMessages()
  expect(fleet.rates[0]?.refuseEarly(key, haiku)).toBeNull()
  expect((await takeAll(fleet, [0]))[0]).toMatchObject({ ok: true })
})

test('gives unused shares back by itself', async () => {
  const fleet = createFleet(2, { requests: 100 })
  await takeAll(fleet, [0])
  await fleet.pass(1_500)
  await fleet.settleMessages()
  fleet.kill(0)

  const taken = await takeAll(fleet, Array<number>(100).fill(1))

  expect(taken.filter(({ ok }) => ok)).toHaveLength(99)
})

test('counts what a dead worker had as used', async () => {
  const fleet = createFleet(2, { requests: 100 })
  await takeAll(fleet, [0])
  fleet.kill(0)

  const taken = await takeAll(fleet, Array<number>(100).fill(1))
  await fleet.pass(61_000)
  await fleet.settleMessages()
  const later = await takeAll(fleet, Array<number>(101).fill(1))

  // A fourth of what was free was lent on top of the one that was asked for.
  expect(taken.filter(({ ok }) => ok)).toHaveLength(75)
  expect(later.filter(({ ok }) => ok)).toHaveLength(100)
})

test('goes on without a worker that does not answer', async () => {
  const fleet = createFleet(2, { requests: 100 })
  await takeAll(fleet, [0])
  const asked = Array.from({ length: 80 }, async () => fleet.rates[1]?.take(key, haiku, estimate))
  // The first worker's way back is never served.
  for (let step = 0; step < 50; step += 1) await fleet.deliver(1)

  await fleet.pass(300)
  await fleet.settleMessages()

  expect((await Promise.all(asked)).filter((one) => one?.ok)).toHaveLength(80)
})

test('shows in every worker what is left for all', async () => {
  const fleet = createFleet(2, { requests: 100 })
  await takeAll(fleet, Array<number>(10).fill(0))
  await fleet.pass(1_500)
  await fleet.settleMessages()
  const [taken] = await takeAll(fleet, [1])

  const headers = taken?.ok === true ? taken.headers() : {}

  expect(headers).toMatchObject({
    'anthropic-ratelimit-requests-limit': '100',
    'anthropic-ratelimit-requests-remaining': '89',
  })
})

test('calls that wait for their turn count from when they are made, in all workers', async () => {
  const fleet = createFleet(2, { requests: 20 }, 6_000)
  const waiting = Array.from({ length: 20 }, async () => fleet.rates[0]?.take(key, haiku, estimate))
  await fleet.settleMessages()
  await fleet.pass(3_000)
  for (const one of await Promise.all(waiting)) if (one?.ok === true) one.start()
  await fleet.pass(5_900)
  await fleet.settleMessages()

  const early = await takeAll(fleet, [0, 1])
  await fleet.pass(200)
  await fleet.settleMessages()
  const later = await takeAll(fleet, Array<number>(21).fill(1))

  expect(early.map(({ ok }) => ok)).toEqual([false, false])
  expect(later.filter(({ ok }) => ok)).toHaveLength(20)
})

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), worker: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), way: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver all' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('settle' as const), call: fc.nat(), share: fc.nat(100) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start' as const), call: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rush' as const),
      worker: fc.nat(3),
      calls: fc.integer({ min: 1, max: 40 }),
    }),
  },
)

test('no interleaving of takes, starts, ends and messages lets more than the limits into any window', async () => {
  const windowMs = 6_000
  const limits = { requests: 6, input_tokens: 550, output_tokens: 280 }
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 200 }), async (actions) => {
      const fleet = createFleet(4, limits, windowMs)
      const taken: Taken[] = []
      const admit = (one: RateTaken | undefined) => {
        if (one?.ok === true) taken.push({ atMs: null, permit: one, input: 100, output: 50, settled: false })
      }
      const take = (worker: number) => {
        const one = fleet.rates[worker]?.take(key, haiku, estimate)
        if (one instanceof Promise) void one.then(admit)
        else admit(one)
      }

      for (const step of actions) {
        if (step.kind === 'take') take(step.worker)
        else if (step.kind === 'rush') for (let call = 0; call < step.calls; call += 1) take(step.worker)
        else if (step.kind === 'deliver') await fleet.deliver(step.way)
        else if (step.kind === 'deliver all') await fleet.settleMessages()
        else if (step.kind === 'pass') await fleet.pass(step.ms)
        else if (taken.length > 0) {
          const at = step.call % taken.length
          if (step.kind === 'start') {
            // A queue: whoever was let in earlier goes first.
            for (const waiting of taken.slice(0, at + 1)) {
              if (waiting.settled || waiting.atMs !== null) continue
              waiting.permit.start()
              waiting.atMs = fleet.nowMs
            }
            continue
          }
          const call = taken[at]
          if (call === undefined || call.settled) continue
          call.settled = true
          // An estimate is never too low here: then the limits must hold to the token.
          call.input = Math.ceil(100 * (step.share / 100))
          call.output = Math.ceil(50 * (step.share / 100))
          call.permit.settle({ input_tokens: call.input, output_tokens: call.output }, 'upstream_died')
          call.output = 50
        }
      }
      await fleet.settleMessages()

      const made = taken.flatMap(({ atMs, ...call }) => (atMs === null ? [] : [{ ...call, atMs }]))
      for (const { atMs } of made) {
        const within = made.filter((call) => call.atMs <= atMs && call.atMs >= atMs - windowMs)
        expect(within.length).toBeLessThanOrEqual(limits.requests)
        expect(within.reduce((sum, { input }) => sum + input, 0)).toBeLessThanOrEqual(limits.input_tokens)
        expect(within.reduce((sum, { output }) => sum + output, 0)).toBeLessThanOrEqual(limits.output_tokens)
      }
    }),
    { numRuns: 150 },
  )
}, 30_000)

interface Taken {
  /** When it was sent; null: it never was. */
  atMs: number | null
  readonly permit: RatePermit
  input: number
  output: number
  settled: boolean
}

test('workers that ask while they are asked to give back come to an end', async () => {
  const fleet = createFleet(4, { requests: 20, input_tokens: 1_500, output_tokens: 700 }, 6_000)
  const taken: RateTaken[] = []
  const take = (...workers: readonly number[]) => {
    for (const worker of workers)
      void Promise.resolve(fleet.rates[worker]?.take(key, haiku, estimate)).then(
        (one) => one !== undefined && taken.push(one),
      )
  }
  take(1)
  await fleet.deliver(0)
  take(2, 1, 1)
  await fleet.deliver(0)
  take(0, 1)
  await fleet.deliver(1)
  take(3, 3)
  await fleet.deliver(4)
  take(2)
  await fleet.pass(709)
  take(0, 0, 0, 0, 0, 0, 0, 2, 1)
  await fleet.pass(1_764)
  take(2)
  await fleet.deliver(1)
  await fleet.pass(3_602)

  await fleet.settleMessages()

  expect(taken).toHaveLength(19)
})

test('a demand of all workers uses 98 % of the limit, whichever of them it comes to', async () => {
  const windowMs = 6_000
  const fleet = createFleet(4, { requests: 500 }, windowMs)
  const admittedAtMs: number[] = []
  const startMs = fleet.nowMs
  for (let step = 0; fleet.nowMs - startMs < 10 * windowMs; step += 1) {
    // Now evenly, now all at one of them.
    const workers = step % 200 < 100 ? [0, 1, 2, 3] : [Math.floor(step / 200) % 4]
    for (const one of await takeAll(
      fleet,
      workers.flatMap((worker) => Array<number>(8).fill(worker)),
    ))
      if (one.ok) admittedAtMs.push(fleet.nowMs)
    await fleet.pass(25)
  }

  const most = Math.max(
    ...admittedAtMs.map((last) => admittedAtMs.filter((at) => at <= last && at >= last - windowMs).length),
  )
  expect(most).toBeLessThanOrEqual(500)
  expect(admittedAtMs.length / (10 * 500)).toBeGreaterThanOrEqual(0.98)
})

/** One call after another at the workers that are named, with all messages delivered in between. */
async function takeAll(
  fleet: ReturnType<typeof createFleet>,
  workers: readonly number[],
): Promise<readonly RateTaken[]> {
  const taken: RateTaken[] = []
  for (const worker of workers) {
    const one = fleet.rates[worker]?.take(key, haiku, estimate)
    if (one instanceof Promise) await fleet.settleMessages()
    const result = await one
    if (result?.ok === true) result.start()
    if (result !== undefined) taken.push(result)
  }
  return taken
}
