import { describe, expect, test } from 'vitest'

import type { When } from '../../src/index.ts'
import { collect, getJson } from '../collecting-receiver.ts'
import { createWith, note, send } from './play.ts'
import type { Members } from './play.ts'
import { playChat, protocols } from './protocols.ts'
import type { Body } from './protocols.ts'

const call = { type: 'tool_use', id: 'toolu_1', name: 'note', input: { city: 'Lisbon' } } as const
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain tomorrow' } as const

/** The third turn of a conversation with a tool, which every protocol can express. */
const conversation: Body = {
  max_tokens: 500,
  system: 'You are polite.',
  tools: [{ ...note, description: 'Takes a note.' }],
  messages: [
    { role: 'user', content: 'Good morning' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'The weather?' },
    { role: 'assistant', content: [{ type: 'text', text: 'Let me see.' }, call] },
    {
      role: 'user',
      content: [result, { type: 'text', text: 'And quickly' }, { type: 'text', text: 'please.' }],
    },
  ],
}

const holding: readonly When[] = [
  {},
  { model: 'claude-opus-4-1' },
  { model: 'us.anthropic.claude-opus-4-1-20250805-v1:0' },
  { model: 'claude-opus-4-1@20250805' },
  { model: 'anthropic/claude-opus-4.1' },
  { system: 'polite' },
  { system: { equals: 'You are polite.' } },
  { last_user: { equals: 'And quickly\nplease.' } },
  { last_user: { regex: '^And (quickly|slowly)' } },
  { last_user: { contains: 'quickly', regex: 'please' } },
  { question: 'quickly' },
  { tool_result: 'rain' },
  { tool_result: { tool: 'note', equals: 'rain tomorrow' } },
  { tools: 'note' },
  { tools: ['note'] },
  { turn: 2 },
  { call: 1 },
]

const failing: readonly (readonly [When, string])[] = [
  [
    { model: 'claude-sonnet-4-5' },
    'model should be claude-sonnet-4-5 (claude-sonnet-4-5-20250929), but is claude-opus-4-1-20250805',
  ],
  [{ system: 'rude' }, 'system should contain "rude", but is "You are polite."'],
  [{ last_user: 'weather' }, String.raw`last_user should contain "weather", but is "And quickly\nplease."`],
  [{ last_user: { equals: 'And' } }, String.raw`last_user should be "And", but is "And quickly\nplease."`],
  [
    { last_user: { regex: '^please' } },
    String.raw`last_user should match /^please/, but is "And quickly\nplease."`,
  ],
  [{ tool_result: 'sun' }, 'tool_result should contain "sun", but is "rain tomorrow"'],
  [
    { tool_result: { tool: 'other', contains: 'rain' } },
    'tool_result of other should contain "rain", but the last turn has none',
  ],
  [{ tools: ['note', 'search'] }, 'tools should include search, but the request offers note'],
  [{ turn: 1 }, 'turn should be 1, but is 2'],
  [{ header: { 'X-Team': 'red' } }, 'header x-team should contain "red", but the request does not have it'],
]

describe.each([...Object.keys(protocols), 'openai'])('as %s', (name) => {
  const ask = async (when: When): Promise<string> => {
    const emulator = createWith({ when, reply: { text: 'yes' } })
    try {
      if (name === 'openai') return (await playChat(emulator, conversation, false)).text
      const played = await protocols[name]?.(emulator, conversation, false)
      return JSON.stringify(played?.content)
    } catch (error) {
      return String(error)
    }
  }

  test.each(holding)('the condition %j holds', async (when) => {
    expect(await ask(when)).toContain('yes')
  })

  test.each(failing)('the condition %j does not hold, and the miss says why', async (when, difference) => {
    const message = `No rule of the scenario matches this request. The nearest is rule 1: ${difference}.`

    expect(await ask(when)).toContain(JSON.stringify(message).slice(1, -1))
  })
})

describe('a condition', () => {
  const body = { model: 'claude-opus-4-1', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }
  const holds = async (when: When, more: Members = {}, headers = {}): Promise<boolean> =>
    (await send(createWith({ when, reply: {} }), { ...body, ...more }, headers))[0] === 200

  test('on the last user ignores the order of text and results, marks for the cache and reminders', async () => {
    const mark = { cache_control: { type: 'ephemeral' } }
    const reminder = { type: 'text', text: '<system-reminder>Be quick.</system-reminder>' }
    const before = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [call] },
    ]
    const text = { type: 'text', text: 'Go on.', ...mark }
    const when = { last_user: { equals: 'Go on.' }, tool_result: { equals: 'rain tomorrow' } }

    for (const content of [
      [{ ...result, ...mark }, reminder, text],
      [{ ...result, content: [{ type: 'text', text: 'rain tomorrow', ...mark }] }, text],
    ])
      expect(await holds(when, { tools: [note], messages: [...before, { role: 'user', content }] })).toBe(
        true,
      )
  })

  test('on the question sees the text of the user before calls of tools, on the last user it does not', async () => {
    const messages = [
      { role: 'user', content: 'The weather?' },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [result] },
    ]

    expect(await holds({ question: 'weather' }, { tools: [note], messages })).toBe(true)
    expect(await holds({ last_user: 'weather' }, { tools: [note], messages })).toBe(false)
  })

  test('on the system prompt includes system messages', async () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Answer in French.' },
    ]

    expect(await holds({ system: 'French' }, { model: 'claude-opus-5', messages })).toBe(true)
  })

  test('on the last user and the turn leaves a prefill out', async () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'So' },
    ]

    expect(await holds({ last_user: { equals: 'Hi' }, turn: 0 }, { messages })).toBe(true)
  })

  test.each([
    [{ '$.metadata.user_id': 'an' }, true],
    [{ '$.metadata.user_id': { equals: 'ann' } }, true],
    [{ '$.metadata.user_id': { equals: 'an' } }, false],
    [{ '$.metadata.user_id': { regex: '^a.n$' } }, true],
    [{ '$.max_tokens': 100 }, true],
    [{ '$.max_tokens': 101 }, false],
    [{ '$.messages': { equals: [{ content: 'Hi', role: 'user' }] } }, true],
    [{ '$.stream': { exists: false } }, true],
    [{ '$.stream': { exists: true } }, false],
    [{ '$.messages[*].role': 'user' }, true],
    [{ '$.messages[?@.role == "assistant"]': { exists: true } }, false],
    [{ '$.stop_sequences[1]': null }, false],
    [{ '$.messages[?match(@.content, "H.")]': { exists: true } }, true],
    [{ '$.messages[?match(@.content, "H")]': { exists: true } }, false],
    [{ '$.messages[?search(@.content, "H")]': { exists: true } }, true],
    [{ '$.messages[?search(@.content, "(")]': { exists: true } }, false],
  ])('on JSON %j holds: %s', async (json, expected) => {
    expect(await holds({ json }, { metadata: { user_id: 'ann' } })).toBe(expected)
  })

  test.each([
    ['/v1/messages', 'messages', 'anthropic', 'claude-opus-4-1'],
    ['/anthropic/v1/messages', 'messages', 'foundry', 'claude-opus-4-1'],
    ['/anthropic/v1/messages', 'messages', 'bedrock', 'anthropic.claude-opus-5'],
  ] as const)('on protocol and platform reads %s as %s of %s', async (path, protocol, platform, model) => {
    const emulator = createWith({ when: { protocol, platform }, reply: { text: 'yes' } })
    const answer = await collect(emulator, { path, body: { ...body, model } })

    expect(getJson(answer)).toMatchObject({ content: [{ text: 'yes' }] })
  })

  test('on a header ignores the case of its name, and a miss does not repeat a credential', async () => {
    const when = { header: { 'X-Team': { equals: 'blue' } } }
    const secret = { 'x-api-key': 'sk-secret' }
    const absent = { header: { 'x-none': { equals: '' } } }

    expect(await holds(when, {}, { 'x-team': 'blue' })).toBe(true)
    expect(await holds(absent)).toBe(true)
    const [, miss] = await send(
      createWith({ when: { header: { 'x-api-key': 'other' } }, reply: {} }),
      body,
      secret,
    )
    expect(miss).toContain('header x-api-key should contain "other", but is another one')
    expect(miss).not.toContain('sk-secret')
  })

  test('with a hostile regular expression takes linear time', async () => {
    const messages = [{ role: 'user', content: `${'a'.repeat(100_000)}!` }]

    const path = '$.messages[?match(@.content, "(a+)+")]'

    expect(await holds({ last_user: { regex: '^(a+)+$' } }, { messages })).toBe(false)
    expect(await holds({ json: { [path]: { exists: true } } }, { messages })).toBe(false)
  })

  test('without path holds for calls that create a message, with path for all', async () => {
    const fault = { status: 500 }
    const emulator = createWith(
      { name: 'message', fault },
      { name: 'models', when: { path: '/v1/models' }, fault },
    )
    const models = await collect(emulator, { method: 'GET', path: '/v1/models' })
    const files = await collect(emulator, { method: 'GET', path: '/v1/files' })

    expect([models.status, files.status]).toEqual([500, 200])
  })

  test('on the path does not make a reply of a request that creates no message', async () => {
    const emulator = createWith({ when: { path: '/v1/models' }, reply: { text: 'Hi' } })
    const models = await collect(emulator, { method: 'GET', path: '/v1/models' })

    expect(models.status).toBe(200)
    expect(emulator.report().unused).toHaveLength(1)
  })
})
