import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { StreamEvent } from '@anthology/wire'

import { createEmulator } from '../src/index.ts'
import { ask, collect, getEvents, getJson, getMessage, getText } from './collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })

describe('a plain answer', () => {
  test('has the shape of a message, with the dated id of the model', async () => {
    const { status, headers, ...collected } = await collect(emulator, { body: ask('Hello!') })

    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(headers['content-length']).toBe(String(collected.bytes.length))
    expect(headers['request-id']).toMatch(/^req_01\w{22}$/)
    expect(headers['anthropic-organization-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(headers).not.toHaveProperty('x-anthology-notice')
    expect(getJson({ status, headers, ...collected })).toEqual({
      id: expect.stringMatching(/^msg_01\w{22}$/),
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-1-20250805',
      content: [{ type: 'text', text: expect.stringContaining('Claude Opus 4.1') }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: expect.any(Number),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: expect.any(Number),
        service_tier: 'standard',
      },
    })
  })

  test('is the same for the same question, except for the ids', async () => {
    const [one, two] = [await getMessage(emulator, ask('Why?')), await getMessage(emulator, ask('Why?'))]

    expect({ ...two, id: one.id }).toEqual(one)
    expect(two.id).not.toBe(one.id)
  })

  test('has another text with another seed', async () => {
    const seeds = ['anthology', 'b', 'c', 'd', 'e', 'f']
    const answers = await Promise.all(seeds.map((seed) => getMessage(createEmulator({ seed }), ask('Why?'))))

    expect(new Set(answers.map(getText)).size).toBeGreaterThan(3)
  })

  test('does not depend on headers', async () => {
    const headers = { 'x-api-key': 'k', 'anthropic-version': '2026-10-21', 'user-agent': 'other' }
    const { content } = getJson(await collect(emulator, { body: ask('Why?'), headers })) as {
      content: unknown
    }

    expect(content).toEqual((await getMessage(emulator, ask('Why?'))).content)
  })
})

describe('a stream', () => {
  test('keeps the order of events', async () => {
    const events = await getEvents(emulator, ask('Hello!'))

    expect(getGrammar(events)).toMatch(
      /^message_start content_block_start ping (content_block_delta )+content_block_stop message_delta message_stop $/,
    )
  })

  test('starts with the input tokens and ends with cumulative usage', async () => {
    const events = await getEvents(emulator, ask('Hello!'))
    const message = await getMessage(emulator, ask('Hello!'))

    expect(events[0]).toMatchObject({
      message: {
        content: [],
        stop_reason: null,
        usage: { input_tokens: message.usage.input_tokens, output_tokens: 1 },
      },
    })
    expect(events.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: {
        input_tokens: message.usage.input_tokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: message.usage.output_tokens,
      },
    })
  })

  test('is an event stream with the same headers as a plain answer', async () => {
    const { headers } = await collect(emulator, { body: ask('Hello!', { stream: true }) })

    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'request-id': expect.stringMatching(/^req_/),
    })
  })

  test('without text has no block, but a ping', async () => {
    const events = await getEvents(emulator, ask('Reply with OK', { stop_sequences: ['O'] }))

    expect(getGrammar(events)).toBe('message_start ping message_delta message_stop ')
  })
})

describe('limits', () => {
  test('max_tokens truncates to the exact token', async () => {
    const message = await getMessage(emulator, ask('Write 500 words about tea', { max_tokens: 17 }))

    expect(message.stop_reason).toBe('max_tokens')
    expect(message.usage.output_tokens).toBe(17)
  })

  test('an answer of a model before 3.7 ends at its context window', async () => {
    const content = `Write 4000 tokens. ${'ab '.repeat(199_000)}`
    const message = await getMessage(
      emulator,
      ask(content, { model: 'claude-3-haiku-20240307', max_tokens: 4_000 }),
    )

    expect(message.stop_reason).toBe('max_tokens')
    expect(message.usage.input_tokens + message.usage.output_tokens).toBe(200_000)
  })

  test('a newer model has a stop reason for the window with the beta, and an error without it', async () => {
    const body = ask(`Write 4000 tokens. ${'ab '.repeat(199_000)}`, { max_tokens: 4_000 })
    const headers = { 'anthropic-beta': 'model-context-window-exceeded-2025-08-26' }

    expect(getJson(await collect(emulator, { body, headers }))).toMatchObject({
      stop_reason: 'model_context_window_exceeded',
    })
    expect((await collect(emulator, { body })).status).toBe(400)
  })
})

describe('count_tokens', () => {
  test.each([
    ['a question', {}],
    [
      'forced tools',
      { tool_choice: { type: 'any' }, tools: [{ name: 'f', input_schema: { type: 'object' } }] },
    ],
    [
      'an image',
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.com' } }] },
        ],
      },
    ],
    [
      'a prefill',
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'So' },
        ],
      },
    ],
  ])('equals the input tokens of the same call: %s', async (_, more) => {
    const { max_tokens: _maxTokens, ...body } = ask('How many tokens is this?', more)
    const counted = getJson(await collect(emulator, { path: '/v1/messages/count_tokens?beta=true', body }))

    expect(counted).toEqual({
      input_tokens: (await getMessage(emulator, { ...body, max_tokens: 5 })).usage.input_tokens,
    })
  })

  test('tools add the tokens of their system prompt', async () => {
    const count = async (body: Record<string, unknown>) =>
      (
        getJson(await collect(emulator, { path: '/v1/messages/count_tokens', body })) as {
          input_tokens: number
        }
      ).input_tokens
    const { max_tokens: _maxTokens, ...body } = ask('Hi')
    const tools = [{ name: 'f', input_schema: { type: 'object' } }]

    expect((await count({ ...body, tools })) - (await count(body))).toBeGreaterThan(346)
    expect(
      (await count({ ...body, tools })) - (await count({ ...body, tools, tool_choice: { type: 'any' } })),
    ).toBe(346 - 313)
  })

  test('counts a prompt that exceeds the context window', async () => {
    const { max_tokens: _maxTokens, ...body } = ask('ab '.repeat(300_000))
    const counted = getJson(await collect(emulator, { path: '/v1/messages/count_tokens', body }))

    expect(counted).toMatchObject({ input_tokens: expect.any(Number) })
  })
})

describe('a truncated answer', () => {
  test('continues exactly when it is sent back, in one assistant message or in several', async () => {
    const body = ask('Write 60 words about rivers', { system: 'Be calm.' })
    const whole = getText(await getMessage(emulator, body))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length }), async (length) => {
        const delivered = whole.slice(0, length).trimEnd()
        const turns = [delivered.slice(0, 1), delivered.slice(1)].filter((text) => text.trim() !== '')
        const messages = [
          ...(body['messages'] as []),
          ...turns.map((content) => ({ role: 'assistant', content })),
        ]

        const rest = getText(await getMessage(emulator, { ...body, messages: messages, max_tokens: 999 }))

        expect(delivered + rest).toBe(whole)
      }),
    )
  })
})

describe('notices', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['compaction', { context_management: { edits: [{ type: 'compact_20260112' }] } }, 'does not compact'],
    [
      'toolsets',
      {
        tools: [{ type: 'mcp_toolset', mcp_server_name: 'a' }],
        mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'a' }],
      },
      'does not run tool search, advisors and toolsets',
    ],
    [
      'MCP servers',
      { mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'a' }] },
      'does not call MCP servers',
    ],
  ])('say that %s are not acted out', async (_, more, text) => {
    const sent = {
      'anthropic-beta':
        'context-management-2025-06-27,compact-2026-01-12,mcp-client-2025-04-04,mcp-client-2025-11-20',
    }
    const { status, headers } = await collect(emulator, { body: ask('Hi', more), headers: sent })

    expect(status).toBe(200)
    expect(headers['x-anthology-notice']).toContain(text)
  })

  test('do not mention tools, thinking, caching and schemas, which are supported', async () => {
    const body = ask('Hi', {
      max_tokens: 2_000,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
    })
    const { status, headers } = await collect(emulator, { body })

    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('x-anthology-notice')
  })

  test('report that a model is retired', async () => {
    const { headers } = await collect(createEmulator({ asOf: '2026-11-22' }), { body: ask('Hi') })

    expect(headers['x-anthology-notice']).toContain('2026-08-05')
  })
})

describe('close', () => {
  test('fails running and later requests', async () => {
    const closing = createEmulator({ tokensPerSecond: 1 })
    const underWay = collect(closing, { body: ask('Hi', { stream: true }) })

    closing.close()

    await expect(underWay).rejects.toThrow('closed')
    await expect(collect(closing, { body: ask('Hi') })).rejects.toThrow('closed')
  })
})

function getGrammar(events: readonly StreamEvent[]): string {
  return events.map(({ type }) => `${type} `).join('')
}
