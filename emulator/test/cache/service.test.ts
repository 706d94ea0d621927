import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Message, MessageUsage } from '@anthology/wire'

import { createEmulator } from '../../src/index.ts'
import { ask, assemble, collect, getJson, getMessage, parseEvents } from '../collecting-receiver.ts'
import { pdf } from '../media/documents.ts'
import { getBase64, png } from '../media/images.ts'
import { words } from './calls.ts'

const mark = { type: 'ephemeral' } as const
const system = [{ type: 'text', text: words(1_997), cache_control: mark }] as const

describe('prompt caching in the emulator', () => {
  test('a miss, a hit, and a miss again after the TTL', async () => {
    const { emulator, pass } = create()
    const body = ask(words(97), { system, max_tokens: 5 })

    const figures: unknown[] = []
    for (const seconds of [0, 299, 300]) {
      pass(seconds)
      figures.push(cacheFigures(await getMessage(emulator, body)))
    }

    expect(figures).toEqual([
      { input_tokens: 100, cache_creation_input_tokens: 2_000, cache_read_input_tokens: 0 },
      { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 2_000 },
      { input_tokens: 100, cache_creation_input_tokens: 2_000, cache_read_input_tokens: 0 },
    ])
  })

  test('a stream has the same figures at its start and at its end', async () => {
    const { emulator } = create()
    const body = ask(words(97), { system, max_tokens: 5, stream: true })

    await collect(emulator, { body })
    const events = parseEvents((await collect(emulator, { body })).bytes)
    const [start] = events
    const figures = { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 2_000 }

    expect(start?.type === 'message_start' && start.message.usage).toMatchObject(figures)
    expect(cacheFigures(assemble(events))).toEqual(figures)
  })

  test('a call writes entries that concurrent later calls can read', async () => {
    const { emulator } = create()
    const body = ask(words(97), { system, max_tokens: 5 })

    const messages = await Promise.all([1, 2, 3].map(() => getMessage(emulator, body)))

    expect(messages.map(({ usage }) => usage.cache_read_input_tokens)).toEqual([0, 2_000, 2_000])
  })

  test('keys do not share a cache, whichever header they are sent in', async () => {
    const { emulator } = create()
    const body = ask(words(97), { system, max_tokens: 5 })
    const read = async (headers: Record<string, string>) =>
      // The response to a valid body is a message.
      (getJson(await collect(emulator, { headers, body })) as Message).usage.cache_read_input_tokens

    expect(await read({ 'x-api-key': 'sk-one' })).toBe(0)
    expect(await read({ 'x-api-key': 'sk-two' })).toBe(0)
    expect(await read({ authorization: 'Bearer sk-one' })).toBe(2_000)
    expect(await read({})).toBe(0)
  })

  test('a rejected call writes nothing', async () => {
    const { emulator } = create()

    await collect(emulator, { body: ask(words(97), { system, max_tokens: 1_000_000 }) })

    const { usage } = await getMessage(emulator, ask(words(97), { system, max_tokens: 5 }))
    expect(usage.cache_read_input_tokens).toBe(0)
  })

  test('counting tokens neither writes nor reads the cache, and counts the whole prompt', async () => {
    const { emulator } = create()
    const { max_tokens: _maxTokens, ...body } = ask(words(97), { system })
    const count = async () => getJson(await collect(emulator, { path: '/v1/messages/count_tokens', body }))

    expect(await count()).toEqual({ input_tokens: 2_100 })
    const { usage } = await getMessage(emulator, { ...body, max_tokens: 5 })
    expect(usage).toMatchObject({ input_tokens: 100, cache_creation_input_tokens: 2_000 })
    expect(await count()).toEqual({ input_tokens: 2_100 })
  })

  test('read, written and uncached tokens add up to what count_tokens counts, whatever the prompt', async () => {
    const { emulator } = create()
    const size = fc.integer({ min: 1, max: 1_500 })
    const control = fc.constantFrom({}, { cache_control: mark })
    const text = fc
      .tuple(size, control)
      .map(([count, marked]) => ({ type: 'text', text: words(count), ...marked }))
    const picture = fc.record({
      width: fc.integer({ min: 1, max: 1_900 }),
      height: fc.integer({ min: 1, max: 1_900 }),
    })
    const image = picture.map(({ width, height }) => ({
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: getBase64(png(width, height)) },
    }))
    const file = fc.integer({ min: 1, max: 5 }).map((pages) => ({
      type: 'document',
      source: {
        type: 'base64',
        media_type: 'application/pdf',
        data: getBase64(Buffer.from(pdf(pages), 'latin1')),
      },
    }))
    const tool = fc.tuple(size, control).map(([count, marked]) => ({
      name: 'f',
      description: words(count),
      input_schema: { type: 'object' },
      ...marked,
    }))
    const request = fc.record(
      {
        tools: fc.array(tool, { minLength: 1, maxLength: 1 }),
        system: fc.array(text, { minLength: 1, maxLength: 1 }),
        tool_choice: fc.constant({ type: 'none' }),
        cache_control: fc.constant(mark),
        messages: fc
          .tuple(text, fc.array(fc.oneof(image, file), { maxLength: 3 }))
          .map(([question, media]) => [{ role: 'user', content: [...media, question] }]),
      },
      { requiredKeys: ['messages', 'tools'] },
    )

    await fc.assert(
      fc.asyncProperty(request, async (members) => {
        const body = { model: 'claude-sonnet-4-5', ...members }
        const counted = getJson(await collect(emulator, { path: '/v1/messages/count_tokens', body }))
        const { usage } = await getMessage(emulator, { ...body, max_tokens: 3 })
        const {
          input_tokens: input,
          cache_creation_input_tokens: written,
          cache_read_input_tokens: read,
        } = usage

        expect(counted).toEqual({ input_tokens: input + (written ?? 0) + (read ?? 0) })
        expect(usage.cache_creation?.ephemeral_5m_input_tokens).toBe(written)
      }),
      { numRuns: 60 },
    )
  })

  test('max_tokens 0 warms the cache', async () => {
    const { emulator } = create()
    const body = ask(words(97), { model: 'claude-opus-5-5', system })

    const warm = await getMessage(emulator, { ...body, max_tokens: 0 })
    const { usage } = await getMessage(emulator, { ...body, max_tokens: 50 })

    expect(warm).toMatchObject({
      content: [],
      usage: { cache_creation_input_tokens: 2_000, output_tokens: 0 },
    })
    expect(usage.cache_read_input_tokens).toBe(2_000)
  })

  test('no notice reports caching as unsupported', async () => {
    const { emulator } = create()

    const { headers } = await collect(emulator, { body: ask('Hi', { system, max_tokens: 5 }) })

    expect(headers['x-anthology-notice'] ?? '').not.toContain('cach')
  })
})

describe('limits and tiers in the emulator', () => {
  const limits = { requestsPerMinute: 2, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 }

  test('the third call in a minute is rejected, with headers', async () => {
    const { emulator, pass } = create({ limits })
    const call = () => collect(emulator, { body: ask('Hi', { max_tokens: 5 }) })

    const [first, , third] = [await call(), await call(), await call()]
    pass(30)
    const later = await call()

    expect(first.headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '2',
      'anthropic-ratelimit-requests-remaining': '1',
    })
    expect(third.status).toBe(429)
    expect(getJson(third)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    expect(third.headers).toMatchObject({
      'retry-after': '30',
      'anthropic-ratelimit-requests-remaining': '0',
    })
    expect(later.status).toBe(200)
  })

  test('without limits the headers count every call, and no call is rejected', async () => {
    const { emulator } = create()
    const call = (path: string) => collect(emulator, { path, body: ask('Hi', { max_tokens: 5 }) })

    const [first, chat] = [await call('/v1/messages'), await call('/v1/chat/completions')]

    const remaining = Number(first.headers['anthropic-ratelimit-requests-remaining'])
    expect(remaining).toBe(Number(first.headers['anthropic-ratelimit-requests-limit']) - 1)
    expect(chat.headers['x-ratelimit-remaining-requests']).toBe(String(remaining - 1))
    expect(Object.keys(first.headers).filter((name) => name.includes('ratelimit'))).toHaveLength(12)
  })

  test('a stream has them too', async () => {
    const { emulator } = create({ limits })

    const { headers } = await collect(emulator, { body: ask('Hi', { max_tokens: 5, stream: true }) })

    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('1')
  })

  test('counting tokens has a separate limit', async () => {
    const { emulator } = create({ limits: { ...limits, countRequestsPerMinute: 1 } })
    const { max_tokens: _maxTokens, ...body } = ask('Hi')
    const count = () => collect(emulator, { path: '/v1/messages/count_tokens', body })

    const [first, second] = [await count(), await count()]

    expect(first.headers['anthropic-ratelimit-requests-remaining']).toBe('0')
    expect([first.status, second.status]).toEqual([200, 429])
  })

  test('priority capacity runs out', async () => {
    const { emulator } = create({ priority: { inputTokensPerMinute: 150, outputTokensPerMinute: 1_000 } })
    const body = ask(words(97), { max_tokens: 5 })

    const tiers = [await getMessage(emulator, body), await getMessage(emulator, body)]

    expect(tiers.map(({ usage }) => usage.service_tier)).toEqual(['priority', 'standard'])
  })
})

test('count_tokens reports context management when it is requested', async () => {
  const { emulator } = create()
  const { max_tokens: _maxTokens, ...body } = ask(words(97), {
    model: 'claude-opus-4-5',
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  })
  const headers = { 'anthropic-beta': 'context-management-2025-06-27' }

  expect(getJson(await collect(emulator, { path: '/v1/messages/count_tokens', headers, body }))).toEqual({
    input_tokens: 100,
    context_management: { original_input_tokens: 100 },
  })
})

function create(capacity: NonNullable<Parameters<typeof createEmulator>[0]>['capacity'] = {}) {
  let nowMs = Date.UTC(2026, 10, 22)
  const emulator = createEmulator({ now: () => nowMs, capacity })
  const pass = (seconds: number): void => {
    nowMs += seconds * 1_000
  }
  return { emulator, pass }
}

function cacheFigures({ usage }: Message): Partial<MessageUsage> {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage
  return { input_tokens, cache_creation_input_tokens, cache_read_input_tokens }
}
