import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'

/** Requests that Claude Code 2.1.330 sends to a custom base URL, as observed in November 2026. */
const betas = {
  messages:
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,per-turn-control-2026-07-01,mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,effort-2025-11-24',
  countTokens:
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,token-counting-2024-11-01',
  plain: 'claude-code-20250219,interleaved-thinking-2025-05-14,effort-2025-11-24',
}
const emulator = createEmulator({ asOf: '2026-11-22' })
const mark = { type: 'ephemeral', ttl: '1h' }

describe('a turn of Claude Code', () => {
  test.each([
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-5-5',
    'claude-fable-5-2',
    'claude-opus-4-8',
  ])('is answered by %s', async (model) => {
    const { status, bytes } = await send(turn({ model }))

    expect(new TextDecoder().decode(bytes)).not.toContain('invalid_request_error')
    expect(status).toBe(200)
  })

  test('is answered by an older model with a budget', async () => {
    const older = {
      model: 'claude-sonnet-4-5',
      max_tokens: 32_000,
      thinking: { type: 'enabled', budget_tokens: 31_999, display: 'omitted' },
      output_config: undefined,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Fix the test.' }] }],
    }

    expect((await send(turn(older))).status).toBe(200)
  })

  test('is answered without the experimental betas', async () => {
    const plain = { context_management: undefined, thinking: { type: 'adaptive' } }

    expect((await send(turn({ ...plain, tools: [tool('Read')] }), betas.plain)).status).toBe(200)
  })

  test('is answered after a search for tools', async () => {
    const found = { type: 'tool_reference', tool_name: 'mcp__docs__search' }
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'Look it up.' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_01', name: 'ToolSearch', input: { query: 'docs' } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01', content: [found] }] },
    ]
    const tools = [tool('ToolSearch'), { ...tool('mcp__docs__search'), defer_loading: true }]

    // If the request has no thinking, the block of the previous turn is not required.
    const { status, bytes } = await send(
      turn({
        model: 'claude-opus-4-8',
        thinking: { type: 'disabled' },
        context_management: undefined,
        messages,
        tools,
      }),
    )

    expect(new TextDecoder().decode(bytes)).not.toContain('invalid_request_error')
    expect(status).toBe(200)
  })

  test('is counted', async () => {
    const { model, messages, tools } = turn({})
    const { status } = await send({ model, messages, tools }, betas.countTokens, '/v1/messages/count_tokens')

    expect(status).toBe(200)
  })
})

describe('a system message', () => {
  const entry = { role: 'system', content: 'Be brief.' }
  const ask = { role: 'user', content: 'Hi' }

  test('is rejected at a wrong position on a model that accepts system messages', async () => {
    expect(getJson(await send(turn({ messages: [ask, entry, ask] })))).toMatchObject({
      error: {
        message: expect.stringMatching(
          /^messages\.1: role 'system' must precede an 'assistant' message or end the array; /,
        ),
      },
    })
  })

  test('is rejected anywhere on a model that does not accept them', async () => {
    const model = { model: 'claude-opus-4-7', thinking: { type: 'disabled' }, context_management: undefined }

    expect(getJson(await send(turn({ ...model, messages: [ask, entry] })))).toMatchObject({
      error: { message: expect.stringMatching(/^messages: Unexpected role "system"\. /) },
    })
  })

  test('that sets the effort is accepted with the beta of Claude Code', async () => {
    const directive = { role: 'system', content: [], output_config: { effort: 'low' } }

    expect((await send(turn({ messages: [ask, directive] }))).status).toBe(200)
  })
})

describe('an unsupported feature gets an error after which the client continues without it', () => {
  test.each([
    [
      'safeguards',
      { safeguards: [{ type: 'dangerous_tool_use' }] },
      'safeguards: Extra inputs are not permitted',
    ],
    ['tags', { tags: ['x'] }, 'tags: Extra inputs are not permitted'],
    ['fallbacks', { fallbacks: 'default' }, 'fallbacks: Extra inputs are not permitted'],
    ['compaction', { compaction: { type: 'summarize' } }, 'compaction: Extra inputs are not permitted'],
  ])('%s', async (_, members, message) => {
    const answer = await send(turn(members), `${betas.messages},dangerous-tool-use-2026-09-03`)

    expect(answer.status).toBe(400)
    expect(getJson(answer)).toMatchObject({ error: { type: 'invalid_request_error', message } })
  })

  test('a thread, with the code that SDK helpers look for', async () => {
    const members = { thread: { type: 'continue', previous_message_id: 'msg_1' }, messages: [] }
    const answer = await send(turn(members), `${betas.messages},message-threads-2026-08-12`)

    expect(answer.status).toBe(400)
    expect(getJson(answer)).toMatchObject({
      error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
    })
  })

  test('a thread without its beta is an unknown member', async () => {
    expect(getJson(await send(turn({ thread: { type: 'create' } })))).toMatchObject({
      error: { message: 'thread: Extra inputs are not permitted' },
    })
  })

  test('an unknown future beta, by its name', async () => {
    expect(getJson(await send(turn({}), `${betas.messages},tomorrow-2027-01-01`))).toMatchObject({
      error: { message: expect.stringContaining('`tomorrow-2027-01-01` for the `anthropic-beta` header') },
    })
  })
})

function turn(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    model: 'claude-opus-5-5',
    max_tokens: 128_000,
    stream: true,
    metadata: {
      user_id: JSON.stringify({
        device_id: 'a'.repeat(64),
        account_uuid: '',
        session_id: '00000000-0000-4000-8000-000000000000',
      }),
    },
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=sdk-cli;' },
      { type: 'text', text: 'You are an agent.', cache_control: mark },
      { type: 'text', text: 'Be careful.', cache_control: mark },
    ],
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'medium' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    tools: [tool('Read'), { ...tool('DeferredToolPlaceholder'), defer_loading: true }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Fix the test.' }] },
      { role: 'system', content: [{ type: 'text', text: 'Today is Sunday.', cache_control: mark }] },
    ],
    ...members,
  }
}

function tool(name: string) {
  const input_schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { path: { type: 'string' } },
    required: ['path'],
    additionalProperties: false,
  }
  return { name, description: 'Does it.', input_schema, eager_input_streaming: true }
}

function send(body: unknown, beta = betas.messages, path = '/v1/messages') {
  return collect(emulator, { path: `${path}?beta=true`, body, headers: { 'anthropic-beta': beta } })
}
