import { describe, expect, test } from 'vitest'

import { ask, getEvents } from '../collecting-receiver.ts'
import { findStreamFault } from '../stream-grammar.ts'
import { note, play, reject, replyWith, send } from './play.ts'

const other = { name: 'other', input_schema: { type: 'object' } }
const call = { name: 'note', input: { city: 'Lisbon' } }
const calls = { tool_calls: [call] }

describe('a scripted call of a tool', () => {
  test('follows the text, and the answer stops for it', async () => {
    expect(await play({ text: 'Let me see.', ...calls }, { tools: [note] })).toMatchObject({
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', id: expect.stringMatching(/^toolu_01\w{22}$/), ...call },
      ],
      stop_reason: 'tool_use',
    })
  })

  test('has the id of the scenario, and else one of its own that a repetition has too', async () => {
    const two = { tool_calls: [{ ...call, id: 'call_1' }, call, call] }
    const [first, again] = [await play(two, { tools: [note] }), await play(two, { tools: [note] })]
    const ids = first.content.map((block) => ('id' in block ? block.id : ''))

    expect(ids[0]).toBe('call_1')
    expect(new Set(ids).size).toBe(3)
    expect(again.content).toEqual(first.content)
  })

  test('takes values of the request into its input, with their types', async () => {
    const [status, answer] = await send(
      replyWith({
        tool_calls: [{ name: 'other', input: { n: '{{json:$.max_tokens}}', t: 'n={{json:$.max_tokens}}' } }],
      }),
      ask('Hello!', { tools: [other] }),
    )

    expect([status, answer]).toMatchObject([200, { content: [{ input: { n: 1_000, t: 'n=1000' } }] }])
  })

  test('is cut at max_tokens as a generated one', async () => {
    const input = { city: 'Lisbon', a: 'x '.repeat(50), b: 'y '.repeat(50) }
    const message = await play({ tool_calls: [{ name: 'note', input }] }, { tools: [note], max_tokens: 10 })

    expect(message.stop_reason).toBe('max_tokens')
    expect(message.content).toMatchObject([{ type: 'tool_use', input: { city: 'Lisbon' } }])
    expect(message.content[0]).not.toHaveProperty('input.b')
  })

  test('is streamed by the grammar of the API', async () => {
    const events = await getEvents(
      replyWith({ text: 'So.', tool_calls: [call, call] }),
      ask('Hi', { tools: [note] }),
    )

    expect(findStreamFault(events)).toBeNull()
    expect(events.filter(({ type }) => type === 'content_block_start')).toHaveLength(3)
  })

  test.each([
    [
      calls,
      { tools: [other] },
      'reply.tool_calls.0.name: the request offers no tool "note"; it offers other',
    ],
    [calls, {}, 'reply.tool_calls.0.name: the request offers no tool "note"; it offers none'],
    [
      { tool_calls: [{ name: 'note' }] },
      { tools: [note] },
      "reply.tool_calls.0.input: must have required property 'city'",
    ],
    [
      { tool_calls: [call, { name: 'note', input: { city: 3 } }] },
      { tools: [note] },
      'reply.tool_calls.1.input.city: must be string',
    ],
    [
      { tool_calls: [{ name: 'note', input: { city: 'L', extra: 1 } }] },
      {
        tools: [
          { ...note, strict: true, input_schema: { ...note.input_schema, additionalProperties: false } },
        ],
        model: 'claude-opus-4-5',
      },
      'reply.tool_calls.0.input: must NOT have additional properties (extra)',
    ],
    [
      calls,
      { tools: [note], tool_choice: { type: 'none' } },
      'reply.tool_calls.0: tool_choice is none in the request',
    ],
    [
      { tool_calls: [call, call] },
      { tools: [note], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      'reply.tool_calls.1: disable_parallel_tool_use in the request allows one call of a tool',
    ],
    [
      { text: 'Hi.' },
      { tools: [note], tool_choice: { type: 'any' } },
      'reply.text: tool_choice in the request forces a call of a tool, so no text comes before',
    ],
    [
      {},
      { tools: [note], tool_choice: { type: 'any' } },
      'reply.tool_calls: tool_choice in the request forces a call of a tool, and there is none',
    ],
    [
      calls,
      { tools: [note, other], tool_choice: { type: 'tool', name: 'other' } },
      'reply.tool_calls.0: tool_choice in the request forces a call of other',
    ],
    [
      { tool_calls: [{ ...call, id: 'a b' }] },
      { tools: [note] },
      "reply.tool_calls.0: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
    [
      {
        tool_calls: [
          { ...call, id: 'a' },
          { ...call, id: 'a' },
        ],
      },
      { tools: [note] },
      'reply.tool_calls.1.id: a is the id of an earlier call; ids must be unique',
    ],
  ])('is refused where the service could not make it: %j', async (reply, more, reason) => {
    expect(await reject(reply, more)).toBe(reason)
  })

  test('is refused if the conversation has its id already', async () => {
    const messages = [
      { role: 'user', content: 'Hello!' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', ...call }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
    ]

    expect(await reject({ tool_calls: [{ ...call, id: 'a' }] }, { tools: [note], messages })).toContain(
      'reply.tool_calls.0.id: a is the id of an earlier call',
    )
  })

  test('is accepted where tool_choice forces it', async () => {
    const tool_choice = { type: 'tool', name: 'note' }

    expect(await play(calls, { tools: [note, other], tool_choice })).toMatchObject({
      stop_reason: 'tool_use',
    })
  })

  test('is refused in the shape of the protocol', async () => {
    const answer = await replyWith(calls).fetch(
      '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0/converse',
      { method: 'POST', body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }) },
    )

    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-amzn-errortype')).toMatch(/^ValidationException/)
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('offers no tool "note"') })
  })
})

describe('a scripted call of a tool that Anthropic defines', () => {
  const bash = { type: 'bash_20250124', name: 'bash' }
  const editor = { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' }
  const memory = { type: 'memory_20250818', name: 'memory' }
  const computer = {
    type: 'computer_20250124',
    name: 'computer',
    display_width_px: 1_024,
    display_height_px: 768,
  }
  const betas = { 'anthropic-beta': 'context-management-2025-06-27,computer-use-2025-01-24' }
  const tools = [bash, editor, memory, computer]

  test.each([
    ['bash', { command: 'ls' }],
    ['bash', { restart: true }],
    [editor.name, { command: 'view', path: '/a' }],
    [editor.name, { command: 'insert', path: '/a', insert_line: 1, insert_text: 'b' }],
    ['memory', { command: 'rename', old_path: '/a', new_path: '/b' }],
    ['computer', { action: 'left_click', coordinate: [1, 2] }],
  ])('takes the documented input of %s: %j', async (name, input) => {
    const message = await play({ tool_calls: [{ name, input }] }, { tools }, betas)

    expect(message.content).toMatchObject([{ type: 'tool_use', name, input }])
  })

  test.each([
    ['bash', { cmd: 'ls' }, ".input: must have required property 'command'"],
    [
      editor.name,
      { command: 'open', path: '/a' },
      '.input.command: must be equal to one of the allowed values',
    ],
    [editor.name, { command: 'create', path: '/a' }, ".input: must have required property 'file_text'"],
    [editor.name, { command: 'undo_edit', path: '/a' }, '.input.command: must be equal to one of'],
    ['memory', { command: 'rename', path: '/a' }, ".input: must have required property 'old_path'"],
    ['computer', {}, ".input: must have required property 'action'"],
  ])('is refused with another input of %s: %j', async (name, input, reason) => {
    expect(await reject({ tool_calls: [{ name, input }] }, { tools }, betas)).toContain(
      `reply.tool_calls.0${reason}`,
    )
  })
})

describe('a scripted call by code', () => {
  const code = { type: 'code_execution_20250825', name: 'code_execution' }
  const fromCode = { ...note, allowed_callers: ['code_execution_20250825'] }
  const run = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: { code: 'note()' } }
  const made = {
    type: 'tool_use',
    id: 'toolu_1',
    ...call,
    caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' },
  }
  const more = { model: 'claude-opus-4-5', tools: [code, fromCode] }
  const betas = { 'anthropic-beta': 'code-execution-2025-08-25,advanced-tool-use-2025-11-20' }

  test('is one of a tool that allows it, beside code that waits for it', async () => {
    const message = await play({ blocks: [{ block: run }, { block: made }] }, more, betas)

    expect(message).toMatchObject({ content: [run, made], stop_reason: 'tool_use' })
  })

  test('is refused for a tool that only the model calls, and the other way round', async () => {
    expect(
      await reject({ blocks: [{ block: run }, { block: made }] }, { ...more, tools: [code, note] }, betas),
    ).toBe('reply.blocks.1.block.name: the request offers no tool "note"; it offers none')
    expect(await reject(calls, more, betas)).toContain('the request offers no tool "note"')
  })
})
