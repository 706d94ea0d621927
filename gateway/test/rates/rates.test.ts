import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RateLimits } from '../../src/rates/allowance.ts'
import { type RatePermit, createRates } from '../../src/rates/rates.ts'
import { key, model } from './fleet.ts'

const haiku = model('claude-haiku-4-5')
const estimate = { inputTokens: 1_000, maxTokens: 500 }

test('does not limit a key for which nothing is said', () => {
  const { take } = start(null)

  const permit = take(estimate)

  expect(permit.headers()).toEqual({})
})

test('refuses in the words of the service and says when to come again', () => {
  const { rates, take, clock } = start({ requests: 2 })
  take(estimate)
  clock.nowMs += 30_000
  take(estimate)
  clock.nowMs += 1_000

  const refused = rates.take(key, haiku, estimate)

  expect(refused).toEqual({
    ok: false,
    kind: 'requests',
    retryAfterMs: 29_750,
    message:
      "This request would exceed your key's rate limit of 2 requests per minute (key: key_one, " +
      'model: claude-haiku-4-5-20251001). You can see the response headers for current usage. Please reduce ' +
      'the prompt length or the maximum tokens requested, or try again later.',
    headers: {
      'retry-after': '30',
      'anthropic-ratelimit-requests-limit': '2',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-22T10:01:31Z',
    },
  })
  clock.nowMs += 29_750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('prints large limits with separators', () => {
  const { rates, take } = start({ input_tokens: 30_000 })
  take({ inputTokens: 29_500, maxTokens: null })

  expect(rates.take(key, haiku, estimate)).toMatchObject({
    message: expect.stringContaining('rate limit of 30,000 input tokens per minute'),
  })
})

test('tells before the body is read only of requests', () => {
  const { rates, take } = start({ requests: 2, input_tokens: 1_000 })

  expect(rates.refuseEarly(key, haiku)).toBeNull()
  take(estimate)
  expect(rates.refuseEarly(key, haiku)).toBeNull()
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, kind: 'input_tokens' })
  take({ inputTokens: 0, maxTokens: 1 })
  expect(rates.refuseEarly(key, haiku)).toMatchObject({ ok: false, kind: 'requests' })
})

test('shows limits, what is left, and the tokens of both kinds together', () => {
  const { take, clock } = start({ requests: 10, input_tokens: 50_000, output_tokens: 10_000 })

  const permit = take({ inputTokens: 20_000, maxTokens: 500 })
  clock.nowMs += 1_000
  permit.settle({ input_tokens: 12_400, output_tokens: 3_600 }, 'answered')

  expect(permit.headers()).toEqual({
    'anthropic-ratelimit-requests-limit': '10',
    'anthropic-ratelimit-requests-remaining': '9',
    'anthropic-ratelimit-requests-reset': '2026-11-22T10:01:01Z',
    'anthropic-ratelimit-input-tokens-limit': '50000',
    'anthropic-ratelimit-input-tokens-remaining': '38000',
    'anthropic-ratelimit-input-tokens-reset': '2026-11-22T10:01:01Z',
    'anthropic-ratelimit-output-tokens-limit': '10000',
    'anthropic-ratelimit-output-tokens-remaining': '6000',
    'anthropic-ratelimit-output-tokens-reset': '2026-11-22T10:01:01Z',
    'anthropic-ratelimit-tokens-limit': '60000',
    'anthropic-ratelimit-tokens-remaining': '44000',
    'anthropic-ratelimit-tokens-reset': '2026-11-22T10:01:01Z',
  })
})

test.each([
  ['claude-haiku-4-5', 1_300],
  ['claude-3-5-haiku-20241022', 9_300],
])('counts what %s reads from the cache as the service does', (name, counted) => {
  const { rates, clock } = start({ input_tokens: 100_000 })
  const permit = rates.take(key, model(name), { inputTokens: 20_000, maxTokens: null })
  if (permit instanceof Promise || !permit.ok) throw new Error('it was refused')
  permit.start()

  const usage = { input_tokens: 300, cache_creation_input_tokens: 1_000, cache_read_input_tokens: 8_000 }
  permit.settle(usage, 'answered')

  // What is left is rounded to thousands, so another call finds out.
  clock.nowMs += 1
  const rest = (inputTokens: number) => rates.take(key, model(name), { inputTokens, maxTokens: null })
  expect(rest(1_000_000)).toMatchObject({ ok: false })
  expect(permit.headers()['anthropic-ratelimit-input-tokens-remaining']).toBe(
    String(Math.round((100_000 - counted) / 1_000) * 1_000),
  )
})

test('an alias and its target have one bucket, another model and another key have their own', () => {
  const { rates, take } = start({ requests: 1 })
  take(estimate)

  expect(rates.take(key, model('claude-haiku-4-5-20251001'), estimate)).toMatchObject({ ok: false })
  expect(rates.take(key, model('claude-opus-4-1'), estimate)).toMatchObject({ ok: true })
  expect(rates.take({ ...key, id: 'key_two' }, haiku, estimate)).toMatchObject({ ok: true })
})

test('a call counts from when it is made, however long it waited for its turn', () => {
  const { rates, clock } = start({ requests: 1, input_tokens: 50_000 })
  const waiting = rates.take(key, haiku, estimate)
  if (waiting instanceof Promise || !waiting.ok) throw new Error('it was refused')

  clock.nowMs += 65_000
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, retryAfterMs: 60_750 })
  waiting.start()
  clock.nowMs += 60_000
  waiting.settle({ input_tokens: 1_000, output_tokens: 1 }, 'answered')
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, retryAfterMs: 750 })
  clock.nowMs += 750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('a call that is let in and never made uses nothing, and is not made later', () => {
  const { rates } = start({ requests: 1, input_tokens: 50_000 })
  const refused = rates.take(key, haiku, estimate)
  if (refused instanceof Promise || !refused.ok) throw new Error('it was refused')

  refused.settle(null, 'refused')
  refused.start()

  expect(refused.headers()).toMatchObject({
    'anthropic-ratelimit-requests-remaining': '1',
    'anthropic-ratelimit-input-tokens-remaining': '50000',
  })
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('a refusal by the upstream counts as a request and costs no tokens', () => {
  const { take, rates } = start({ requests: 2, input_tokens: 1_000, output_tokens: 500 })
  take(estimate).settle(null, 'refused')
  take(estimate).settle(null, 'upstream_died')

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, kind: 'requests' })
})

test('of a call that broke off the hold stands for what nobody was told', () => {
  const { take } = start({ input_tokens: 100_000, output_tokens: 100_000 })

  const silent = take({ inputTokens: 30_000, maxTokens: 1_000 })
  silent.settle(null, 'client_gone')
  const halfway = take({ inputTokens: 30_000, maxTokens: 1_000 })
  halfway.settle({ input_tokens: 10_000, output_tokens: 3 }, 'client_gone')

  expect(halfway.headers()).toMatchObject({
    'anthropic-ratelimit-input-tokens-remaining': '60000',
    'anthropic-ratelimit-output-tokens-remaining': '98000',
  })
})

test('a call that is larger than the whole limit is let through when nothing else is', () => {
  const { take, rates, clock } = start({ input_tokens: 1_000 })
  take({ inputTokens: 5_000, maxTokens: null })

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false })
  clock.nowMs += 60_750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('learns how many tokens a body has and an answer takes', () => {
  const { take, rates, clock } = start({ input_tokens: 100_000, output_tokens: 20_000 })
  const large = { inputTokens: 40_000, maxTokens: 32_000 }
  const usage = { input_tokens: 400, cache_read_input_tokens: 30_000, output_tokens: 200 }
  for (let call = 0; call < 30; call += 1) {
    take(large).settle(usage, 'answered')
    clock.nowMs += 10_000
  }

  // Cached prompts and short answers: many of them fit at once, though their bytes and max_tokens look large.
  let running = 0
  while (ok(rates.take(key, haiku, large))) running += 1

  expect(running).toBeGreaterThan(50)
})

test('keeps counting over the end of a minute, and never twice the limit at its turn', () => {
  const { rates, clock } = start({ requests: 100 })
  const admittedAtMs: number[] = []
  // A full minute of rest, then all at once: a bucket that fills up would give 200 within a minute.
  for (clock.nowMs = 0; clock.nowMs < 180_000; clock.nowMs += 50) {
    if (clock.nowMs <= 60_000) continue
    const taken = rates.take(key, haiku, estimate)
    if (taken instanceof Promise || !taken.ok) continue
    taken.start()
    admittedAtMs.push(clock.nowMs)
  }

  const within = (last: number) => admittedAtMs.filter((at) => at <= last && at >= last - 60_000).length
  expect(Math.max(...admittedAtMs.map(within))).toBe(100)
  expect(admittedAtMs).toHaveLength(200)
})

test('no order of calls and ends lets more than the limits into any minute, and a demand uses 98 % of them', () => {
  const limits = { requests: 4_000, input_tokens: 60_000, output_tokens: 30_000 }
  const demand = fc.array(
    fc.record({
      input: fc.integer({ min: 1, max: 100 }),
      // As small as this, an answer is never larger than what is held for it.
      output: fc.integer({ min: 1, max: 60 }),
      forMs: fc.nat(5_000),
    }),
    { minLength: 20, maxLength: 60 },
  )
  fc.assert(
    fc.property(demand, (calls) => {
      const taken = saturate(calls, limits)

      const amounts = [
        taken.map(({ atMs }) => ({ atMs, amount: 1 })),
        taken.map(({ atMs, input }) => ({ atMs, amount: input })),
        taken.map(({ atMs, output }) => ({ atMs, amount: output })),
      ]
      const most = amounts.map(busiestMinute)
      const shares = amounts.map((all, kind) => sum(all) / minutes / (Object.values(limits)[kind] ?? 1))
      expect(most[0]).toBeLessThanOrEqual(limits.requests)
      expect(most[1]).toBeLessThanOrEqual(limits.input_tokens)
      expect(most[2]).toBeLessThanOrEqual(limits.output_tokens)
      expect(Math.max(...shares)).toBeGreaterThanOrEqual(0.98)
    }),
    { numRuns: 10 },
  )
})

test('an answer beyond all expectation is made up for by those that come after it', () => {
  const { take, rates, clock } = start({ output_tokens: 10_000 })
  for (let call = 0; call < 30; call += 1) take(estimate).settle({ output_tokens: 10 }, 'answered')
  take({ inputTokens: 1, maxTokens: 32_000 }).settle({ output_tokens: 14_000 }, 'answered')

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, retryAfterMs: 60_750 })
  clock.nowMs += 60_750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

const minutes = 3

interface Demanded {
  readonly input: number
  readonly output: number
  readonly forMs: number
}

/** Asks for as much as is given, for some minutes, with calls that end in another order than they began in. */
function saturate(calls: readonly Demanded[], limits: RateLimits) {
  const { rates, clock } = start(limits)
  const taken: { atMs: number; input: number; output: number }[] = []
  let running: (Demanded & { readonly endMs: number; readonly permit: RatePermit })[] = []
  for (let asked = 0; clock.nowMs < minutes * 60_000; clock.nowMs += 50) {
    for (const { endMs, permit, input, output } of running)
      if (endMs <= clock.nowMs) permit.settle({ input_tokens: input, output_tokens: output }, 'answered')
    running = running.filter(({ endMs }) => endMs > clock.nowMs)
    for (;;) {
      const call = calls[asked % calls.length]
      if (call === undefined) break
      const permit = rates.take(key, haiku, { inputTokens: call.input, maxTokens: call.output })
      if (permit instanceof Promise || !permit.ok) break
      asked += 1
      permit.start()
      taken.push({ atMs: clock.nowMs, ...call })
      running.push({ ...call, permit, endMs: clock.nowMs + call.forMs })
    }
  }
  return taken
}

type Amount = { readonly atMs: number; readonly amount: number }

/** The most that any minute has, of amounts in the order of their times. */
function busiestMinute(amounts: readonly Amount[]): number {
  let [oldest, within, most] = [0, 0, 0]
  for (const { atMs, amount } of amounts) {
    within += amount
    for (let first = amounts[oldest]; first && first.atMs < atMs - 60_000; first = amounts[oldest]) {
      within -= first.amount
      oldest += 1
    }
    most = Math.max(most, within)
  }
  return most
}

function sum(amounts: readonly Amount[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0)
}

function start(limits: RateLimits | null) {
  const clock = { nowMs: 0 }
  const wallMs = () => Date.UTC(2026, 10, 22, 10) + clock.nowMs
  const rates = createRates({ limitsOf: () => limits, nowMs: () => clock.nowMs, wallMs })
  const take = (asked: typeof estimate | { inputTokens: number; maxTokens: null }): RatePermit => {
    const taken = rates.take(key, haiku, asked)
    if (taken instanceof Promise || !taken.ok) throw new Error('it was refused')
    taken.start()
    return taken
  }
  return { rates, take, clock }
}

function ok(taken: ReturnType<ReturnType<typeof createRates>['take']>): boolean {
  return !(taken instanceof Promise) && taken.ok
}
