import { expect, test } from 'vitest'

import type { RatePermit } from '../../src/rates/rates.ts'
import { key, model } from '../leases/lease-workers.ts'
import { estimate, haiku, ok, start } from './limited-key.ts'

test('does not limit a key without entries', () => {
  const { take } = start(null)

  const permit = take(estimate)

  expect(permit.headers()).toEqual({})
})

test('rejects with the text of the API and a retry-after', () => {
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

test('rejects before the body is read only if no requests are left', () => {
  const { rates, take } = start({ requests: 2, input_tokens: 1_000 })

  expect(rates.rejectEarly(key, haiku)).toBeNull()
  take(estimate)
  expect(rates.rejectEarly(key, haiku)).toBeNull()
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, kind: 'input_tokens' })
  take({ inputTokens: 0, maxTokens: 1 })
  expect(rates.rejectEarly(key, haiku)).toMatchObject({ ok: false, kind: 'requests' })
})

test('reports limits, the remaining amounts, and the sum of both kinds of tokens', () => {
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
])('counts cache reads of %s as the API does', (name, counted) => {
  const { rates, clock } = start({ input_tokens: 100_000 })
  const permit = rates.take(key, model(name), { inputTokens: 20_000, maxTokens: null })
  if (permit instanceof Promise || !permit.ok) throw new Error('it was refused')
  permit.start()

  const usage = { input_tokens: 300, cache_creation_input_tokens: 1_000, cache_read_input_tokens: 8_000 }
  permit.settle(usage, 'answered')

  // Remaining tokens are rounded to thousands, so another call shows the difference.
  clock.nowMs += 1
  const rest = (inputTokens: number) => rates.take(key, model(name), { inputTokens, maxTokens: null })
  expect(rest(1_000_000)).toMatchObject({ ok: false })
  expect(permit.headers()['anthropic-ratelimit-input-tokens-remaining']).toBe(
    String(Math.round((100_000 - counted) / 1_000) * 1_000),
  )
})

test('an alias and its target share a bucket; another model or key has its own', () => {
  const { rates, take } = start({ requests: 1 })
  take(estimate)

  expect(rates.take(key, model('claude-haiku-4-5-20251001'), estimate)).toMatchObject({ ok: false })
  expect(rates.take(key, model('claude-opus-4-1'), estimate)).toMatchObject({ ok: true })
  expect(rates.take({ ...key, id: 'key_two' }, haiku, estimate)).toMatchObject({ ok: true })
})

test('a call counts from its start, even after a long wait in the queue', () => {
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

test('a call that is sent to another upstream counts from then on', () => {
  const { rates, take, clock } = start({ requests: 1, input_tokens: 50_000, output_tokens: 9_000 })
  const tried = take(estimate)
  clock.nowMs += 50_000
  tried.start()
  clock.nowMs += 10_000
  tried.settle({ input_tokens: 1_000, output_tokens: 2_000 }, 'answered')
  clock.nowMs += 10_000

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, retryAfterMs: 40_750 })
  expect(tried.headers()).toMatchObject({
    'anthropic-ratelimit-input-tokens-remaining': '49000',
    'anthropic-ratelimit-output-tokens-remaining': '7000',
  })
  clock.nowMs += 40_750
  expect(tried.headers()).toMatchObject({
    'anthropic-ratelimit-requests-remaining': '1',
    'anthropic-ratelimit-input-tokens-remaining': '50000',
    'anthropic-ratelimit-output-tokens-remaining': '9000',
  })
})

test.each([true, false])(
  'a call counts at its end even if its key was idle for long (sent: %s)',
  (isSent) => {
    const { rates, clock } = start({ requests: 1, output_tokens: 10_000 })
    const long = rates.take(key, haiku, estimate)
    if (long instanceof Promise || !long.ok) throw new Error('it was refused')
    if (isSent) long.start()

    // Idle buckets are swept when any bucket is used.
    clock.nowMs += 70 * 60_000
    void rates.take(key, model('claude-opus-4-1'), estimate)
    clock.nowMs += 59_000
    if (isSent) long.settle({ output_tokens: 14_000 }, 'answered')
    clock.nowMs += 1_500
    void rates.take(key, model('claude-opus-4-1'), estimate)

    expect(rates.take(key, haiku, estimate)).toMatchObject({
      ok: false,
      kind: isSent ? 'output_tokens' : 'requests',
    })
  },
)

test('a call that is admitted and never sent uses nothing, and cannot start later', () => {
  const { rates, clock } = start({ requests: 1, input_tokens: 50_000 })
  const refused = rates.take(key, haiku, estimate)
  if (refused instanceof Promise || !refused.ok) throw new Error('it was refused')

  refused.settle(null, 'upstream_error')
  refused.start()

  expect(refused.headers()).toMatchObject({
    'anthropic-ratelimit-requests-remaining': '1',
    'anthropic-ratelimit-input-tokens-remaining': '50000',
  })
  clock.nowMs += 61_000
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false })
})

test('the estimates of a key are reset an hour after its last call', () => {
  const { take, rates, clock } = start({ output_tokens: 20_000 })
  const fits = () => {
    const permits: RatePermit[] = []
    for (;;) {
      const taken = rates.take(key, haiku, { inputTokens: 1, maxTokens: null })
      if (taken instanceof Promise || !taken.ok) break
      permits.push(taken)
    }
    for (const permit of permits) permit.settle(null, 'upstream_error')
    return permits.length
  }
  const untaught = fits()
  for (let call = 0; call < 30; call += 1) {
    take(estimate).settle({ output_tokens: 10 }, 'answered')
    clock.nowMs += 10_000
  }

  expect(untaught).toBe(19)
  clock.nowMs += 59 * 60_000
  expect(fits()).toBeGreaterThan(100)
  clock.nowMs += 62 * 60_000
  void rates.take(key, model('claude-opus-4-1'), estimate)
  expect(fits()).toBe(19)
})

test('an error of the upstream counts as a request and uses no tokens', () => {
  const { take, rates } = start({ requests: 2, input_tokens: 1_000, output_tokens: 500 })
  take(estimate).settle(null, 'upstream_error')
  take(estimate).settle(null, 'upstream_aborted')

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, kind: 'requests' })
})

test.each(['client_closed', 'key_revoked'] as const)(
  'the hold counts for the unreported output of an interrupted call: %s',
  (outcome) => {
    const { take } = start({ input_tokens: 100_000, output_tokens: 100_000 })

    const silent = take({ inputTokens: 30_000, maxTokens: 1_000 })
    silent.settle(null, outcome)
    const halfway = take({ inputTokens: 30_000, maxTokens: 1_000 })
    halfway.settle({ input_tokens: 10_000, output_tokens: 3 }, outcome)

    expect(halfway.headers()).toMatchObject({
      'anthropic-ratelimit-input-tokens-remaining': '60000',
      'anthropic-ratelimit-output-tokens-remaining': '98000',
    })
  },
)

test('a call that is larger than the whole limit is admitted when nothing else runs', () => {
  const { take, rates, clock } = start({ input_tokens: 1_000 })
  take({ inputTokens: 5_000, maxTokens: null })

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false })
  clock.nowMs += 60_750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('learns the tokens of bodies and of responses', () => {
  const { take, rates, clock } = start({ input_tokens: 100_000, output_tokens: 20_000 })
  const large = { inputTokens: 40_000, maxTokens: 32_000 }
  const usage = { input_tokens: 400, cache_read_input_tokens: 30_000, output_tokens: 200 }
  for (let call = 0; call < 30; call += 1) {
    take(large).settle(usage, 'answered')
    clock.nowMs += 10_000
  }

  // Cached prompts and short responses: many of them fit, though their bytes and max_tokens are large.
  let running = 0
  while (ok(rates.take(key, haiku, large))) running += 1

  expect(running).toBeGreaterThan(50)
})

test('later calls make up for a response that exceeds its hold', () => {
  const { take, rates, clock } = start({ output_tokens: 10_000 })
  for (let call = 0; call < 30; call += 1) take(estimate).settle({ output_tokens: 10 }, 'answered')
  take({ inputTokens: 1, maxTokens: 32_000 }).settle({ output_tokens: 14_000 }, 'answered')

  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: false, retryAfterMs: 60_750 })
  clock.nowMs += 60_750
  expect(rates.take(key, haiku, estimate)).toMatchObject({ ok: true })
})

test('what is left of a limit is what the headers state, all of it before the first call', () => {
  const limits = { requests: 10, input_tokens: 30_000 }
  const { rates, take, clock } = start(limits)
  const read = () => rates.findRemaining(key, haiku.id, limits)

  const before = read()
  take(estimate)
  const during = read()
  clock.nowMs += 62_000

  expect(before).toEqual({ requests: 10, input_tokens: 30_000, output_tokens: null })
  expect(during).toEqual({ requests: 9, input_tokens: 29_000, output_tokens: null })
  expect(read()).toEqual(before)
})
