import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { CacheControl, TextBlockParam } from '@anthology/wire'

import { measureCache } from '../../src/cache/measure.ts'
import { createCacheStore } from '../../src/cache/store.ts'
import { accept, createService, words } from './calls.ts'
import type { Body } from './calls.ts'

const mark: CacheControl = { type: 'ephemeral' }
const mark1h: CacheControl = { type: 'ephemeral', ttl: '1h' }

describe('one breakpoint on a system prompt of 2,000 tokens, and a question of 100', () => {
  // 1,997 words and 3 tokens that open the system prompt; 97 words and 3 tokens that open the turn.
  const body = (question = words(97), control = mark): Body => ({
    system: [text(words(1_997), control)],
    messages: [{ role: 'user', content: question }],
  })

  test('the first call writes the prefix, the second reads it, whatever its question', () => {
    const service = createService()

    expect(service.call(body())).toEqual({ read: 0, for5m: 2_000, for1h: 0, input: 100 })
    expect(service.call(body())).toEqual({ read: 2_000, for5m: 0, for1h: 0, input: 100 })
    expect(service.call(body(words(197)))).toEqual({ read: 2_000, for5m: 0, for1h: 0, input: 200 })
  })

  test('it is written again five minutes after the last use, and each use restarts the time', () => {
    const service = createService()

    service.call(body())
    service.pass(299)
    expect(service.call(body()).read).toBe(2_000)
    service.pass(299)
    expect(service.call(body()).read).toBe(2_000)
    service.pass(300)
    expect(service.call(body())).toMatchObject({ read: 0, for5m: 2_000 })
  })

  test('a one-hour entry is billed as such and is valid for an hour', () => {
    const service = createService()

    expect(service.call(body(words(97), mark1h))).toEqual({ read: 0, for5m: 0, for1h: 2_000, input: 100 })
    service.pass(3_599)
    expect(service.call(body(words(97), mark1h)).read).toBe(2_000)
    service.pass(3_600)
    expect(service.call(body(words(97), mark1h)).for1h).toBe(2_000)
  })

  test('reading a five-minute entry at a one-hour breakpoint does not extend it to an hour', () => {
    const service = createService()

    service.call(body())
    expect(service.call(body(words(97), mark1h))).toMatchObject({ read: 2_000, for1h: 0 })
    service.pass(300)

    expect(service.call(body()).read).toBe(0)
  })

  test('without a breakpoint everything is input, although it is cached', () => {
    const service = createService()

    service.call(body())

    expect(service.call({ ...body(), system: [text(words(1_997))] })).toEqual({
      read: 0,
      for5m: 0,
      for1h: 0,
      input: 2_100,
    })
  })

  test('each key and each model has a separate cache; callers without a key share one', () => {
    const service = createService()

    service.call(body(), { key: 'sk-one' })

    expect(service.call(body(), { key: 'sk-two' }).read).toBe(0)
    expect(service.call(body()).read).toBe(0)
    expect(service.call(body()).read).toBe(2_000)
    expect(service.call(body(), { key: 'sk-one' }).read).toBe(2_000)
    expect(service.call({ ...body(), model: 'claude-opus-4-0' }, { key: 'sk-one' }).read).toBe(0)
  })

  test('a call that is measured but not committed does not change the cache', () => {
    const settings = { cache: createCacheStore(), now: () => 0 }

    measureCache(accept(body()), settings)

    expect(measureCache(accept(body()), settings).usage.cache_read_input_tokens).toBe(0)
  })
})

describe('several breakpoints', () => {
  test('a conversation reads what the previous turn has written and extends it', () => {
    const service = createService()
    const turns = (count: number): Body => ({
      system: [text(words(1_997), mark)],
      messages: Array.from({ length: count }, (_, turn) => ({
        role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content: [text(words(97), turn === count - 1 ? mark : null)],
      })),
    })

    expect(service.call(turns(1))).toEqual({ read: 0, for5m: 2_100, for1h: 0, input: 0 })
    expect(service.call(turns(3))).toEqual({ read: 2_100, for5m: 200, for1h: 0, input: 0 })
    expect(service.call(turns(5))).toEqual({ read: 2_300, for5m: 200, for1h: 0, input: 0 })
  })

  // Points by hand: tools end at 1,500, system at 4,500, the first message at 5,500, the second at 6,000.
  test('mixed TTLs are billed by the positions A, B and C', () => {
    const service = createService()
    const body = (second: string): Body => ({
      system: [text(words(1_497), mark1h), text(words(3_000), mark1h)],
      messages: [
        { role: 'user', content: [text(words(997), mark), text(words(497, second), mark), text(words(50))] },
      ],
    })

    // The cache is empty: A = 0, B = 4,500, C = 5,997.
    expect(service.call(body('ab'))).toEqual({ read: 0, for5m: 1_497, for1h: 4_500, input: 50 })
    // The second text differs: A = B = 5,500.
    expect(service.call(body('cd'))).toEqual({ read: 5_500, for5m: 497, for1h: 0, input: 50 })
    // The five-minute entries have expired: A = B = 4,500.
    service.pass(300)
    expect(service.call(body('ab'))).toEqual({ read: 4_500, for5m: 1_497, for1h: 0, input: 50 })
  })

  test('a longer one-hour system prompt is written for an hour after the hit, and the rest for five minutes', () => {
    const service = createService()
    const first = text(words(1_497), mark1h)
    const messages: Body['messages'] = [{ role: 'user', content: [text(words(997), mark)] }]

    service.call({ system: [first], messages: [{ role: 'user', content: 'ab' }] })

    // A = 1,500, B = 3,500, C = 4,500.
    expect(service.call({ system: [first, text(words(2_000), mark1h)], messages })).toEqual({
      read: 1_500,
      for5m: 1_000,
      for1h: 2_000,
      input: 0,
    })
  })

  test('entries before a hit are refreshed with it', () => {
    const service = createService()
    const system = [text(words(1_997), mark)]
    const long: Body = { system, messages: [{ role: 'user', content: [text(words(97), mark)] }] }

    service.call(long)
    service.pass(200)
    service.call(long)
    service.pass(200)

    expect(service.call({ system, messages: [{ role: 'user', content: 'else' }] }).read).toBe(2_000)
  })
})

describe('20 blocks back from a breakpoint are checked, including its own', () => {
  const blocks = (count: number, marked: readonly number[]): Body => ({
    messages: [
      {
        role: 'user',
        content: Array.from({ length: count }, (_, at) =>
          text(words(at === 0 ? 1_997 : 10), marked.includes(at) ? mark : null),
        ),
      },
    ],
  })

  test('an entry on the 20th is found', () => {
    const service = createService()

    service.call(blocks(1, [0]))

    expect(service.call(blocks(20, [19]))).toEqual({ read: 2_000, for5m: 190, for1h: 0, input: 0 })
  })

  test('an entry on the 21st is not', () => {
    const service = createService()

    service.call(blocks(1, [0]))

    expect(service.call(blocks(21, [20]))).toEqual({ read: 0, for5m: 2_200, for1h: 0, input: 0 })
  })

  test('each breakpoint has its own lookback window', () => {
    const service = createService()

    service.call(blocks(1, [0]))

    expect(service.call(blocks(30, [10, 29]))).toEqual({ read: 2_000, for5m: 290, for1h: 0, input: 0 })
  })

  test('entries exist only at breakpoints: a shorter prefix of what was written is not found', () => {
    const service = createService()

    service.call(blocks(10, [9]))

    expect(service.call(blocks(5, [4]))).toMatchObject({ read: 0, for5m: 2_040 })
  })
})

describe('a prefix that is too short is not cached, without an error', () => {
  test.each([
    ['claude-opus-5-5', 512],
    ['claude-opus-4-1', 1_024],
    ['claude-3-5-haiku-20241022', 2_048],
    ['claude-haiku-4-5', 4_096],
    ['claude-fable-5-2', 512],
  ])('%s: %i', (model, least) => {
    const service = createService()
    const body = (tokens: number): Body => ({
      model,
      messages: [{ role: 'user', content: [text(words(tokens - 3), mark)] }],
    })

    expect(service.call(body(least - 1))).toEqual({ read: 0, for5m: 0, for1h: 0, input: least - 1 })
    expect(service.call(body(least))).toEqual({ read: 0, for5m: least, for1h: 0, input: 0 })
    expect(service.call(body(least - 1))).toMatchObject({ read: 0, for5m: 0 })
    expect(service.call(body(least))).toMatchObject({ read: least })
  })
})

describe('automatic caching', () => {
  test('sets a breakpoint on the last block', () => {
    const service = createService()
    const first: Body['messages'] = [{ role: 'user', content: words(1_997) }]
    const more: Body['messages'] = [
      ...first,
      { role: 'assistant', content: words(97) },
      { role: 'user', content: [text(words(97)), text('')] },
    ]

    expect(service.call({ messages: first, cache_control: mark })).toMatchObject({ for5m: 2_000, input: 0 })
    expect(service.call({ messages: more, cache_control: mark1h })).toEqual({
      read: 2_000,
      for5m: 0,
      for1h: 200,
      input: 0,
    })
  })
})

test('read, written and uncached tokens add up to the whole prompt, and what was written is read again', () => {
  const control = fc.constantFrom(null, null, mark, mark1h)
  const block = fc.record({
    size: fc.integer({ min: 1, max: 900 }),
    word: fc.constantFrom('ab', 'cd'),
    control,
  })
  const call = fc.record({
    system: fc.array(block, { maxLength: 3 }),
    turns: fc.array(fc.array(block, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    seconds: fc.integer({ min: 0, max: 400 }),
    automatic: control,
  })

  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 5 }), (calls) => {
      const service = createService()
      for (const { system, turns, seconds, automatic } of calls) {
        const body: Body = {
          system: system.map(({ size, word, control: one }) => text(words(size, word), one)),
          messages: turns.map((blocks, turn) => ({
            role: turn % 2 === 0 ? 'user' : 'assistant',
            content: blocks.map(({ size, word, control: one }) => text(words(size, word), one)),
          })),
          cache_control: automatic,
        }
        const { inputTokens } = accept(body).prompt
        service.pass(seconds)
        const { read, for5m, for1h, input } = service.call(body)
        const again = service.call(body)

        expect(read + for5m + for1h + input).toBe(inputTokens)
        expect(Math.min(read, for5m, for1h, input)).toBeGreaterThanOrEqual(0)
        expect(again).toEqual({ read: read + for5m + for1h, for5m: 0, for1h: 0, input })
      }
    }),
    { numRuns: 50 },
  )
})

function text(words_: string, control: CacheControl | null = null): TextBlockParam {
  return { type: 'text', text: words_, ...(control && { cache_control: control }) }
}
