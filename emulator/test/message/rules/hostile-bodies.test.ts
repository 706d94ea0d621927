import { readFacts } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { readMessagesBody } from '../../../src/message/rules/body-reading.ts'
import { collect, getJson } from '../../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const betas =
  'context-management-2025-06-27,mcp-client-2025-11-20,task-budgets-2026-03-13,compact-2026-01-12,per-turn-control-2026-07-01'

test('a body with any single value replaced gets an answer or a well-formed error', async () => {
  const whole = wholeBody()
  const places = getPlaces(whole)
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(null, '', ' ', -1, 0, 1e300, {}, [], [null], '__proto__', {
      type: 'constructor',
    }),
  )
  const path = fc.constantFrom('/v1/messages', '/v1/messages/count_tokens')

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), value, path, async (place, to, where) => {
      const body = changed(whole, place, to)
      const answer = await collect(emulator, { path: where, body, headers: { 'anthropic-beta': betas } })

      if (answer.status === 200) return
      expect([400, 404, 413, 429]).toContain(answer.status)
      expect(getJson(answer)).toMatchObject({
        type: 'error',
        error: { type: expect.stringMatching(/^[a-z_]+_error$/), message: expect.stringMatching(/\S/) },
        request_id: answer.headers['request-id'],
      })
      expect(answer.bytes.length).toBeLessThan(5_000)
    }),
    { numRuns: 400 },
  )
})

test.each([
  ['in the messages', (deep: string) => `"messages":${deep}`],
  ['in a block', (deep: string) => `"messages":[{"role":"user","content":[{"type":"text","text":${deep}}]}]`],
  ['in a schema', (deep: string) => `"messages":[],"tools":[{"name":"f","input_schema":${deep}}]`],
  ['in an edit', (deep: string) => `"messages":[],"context_management":{"edits":[{"type":${deep}}]}`],
  ['in an unknown member', (deep: string) => `"messages":[{"role":"user","content":"a"}],"x":${deep}`],
])('nesting without an end is refused %s', async (_, make) => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const body = new TextEncoder().encode(`{"model":"claude-opus-4-1","max_tokens":5,${make(deep)}}`)

  expect((await collect(emulator, { body })).status).toBe(400)
})

test('a hundred thousand messages are validated, and one more is rejected', () => {
  const message = { role: 'user', content: 'a' }
  const most = { model: 'm', max_tokens: 5, messages: Array.from({ length: 100_000 }, () => message) }

  expect(read(most).ok).toBe(true)
  expect(read({ ...most, messages: [...most.messages, message] })).toEqual({
    ok: false,
    error: {
      status: 400,
      message: 'messages: List should have at most 100000 items after validation, not 100001',
    },
  })
})

test.each([
  ['empty messages after one that is not', { role: 'user', content: '' }, { role: 'user', content: 'a' }],
  ['empty messages of both', { role: 'user', content: [] }, { role: 'assistant', content: [] }],
  ['entries of the system', { role: 'system', content: 'a' }, { role: 'user', content: 'a' }],
])('a hundred thousand messages end in a verdict: %s', (_, many, one) => {
  const messages = [one, ...Array.from({ length: 99_999 }, () => many)]

  // A check that is not linear exceeds the runner's timeout.
  expect(read({ model: 'm', max_tokens: 5, messages }).ok).toBeTypeOf('boolean')
})

test('a schema with very long texts is handled', () => {
  const schema = { type: 'object', additionalProperties: false, description: 'x'.repeat(5_000_000) }
  const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'a' }] }

  expect(read({ ...body, output_config: { format: { type: 'json_schema', schema } } }).ok).toBe(true)
})

test('a prompt of 600 KB is accepted', () => {
  const turns = Array.from({ length: 800 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text: `${index} ${'word '.repeat(150)}x` }],
  }))
  const body = { model: 'm', max_tokens: 5, messages: [...turns, { role: 'user', content: 'Well?' }] }

  const reading = read(body)

  expect(JSON.stringify(body).length).toBeGreaterThan(600_000)
  expect(reading.ok && reading.request.messages.length).toBe(801)
  expect(readFacts(body).last_message_index).toBe(800)
})

function read(body: unknown) {
  const where = { asOf: '2026-11-22' }
  return readMessagesBody(body, { apiVersion: '2026-10-21', betas: [], countTokens: false, where })
}

/** A body that uses many features. */
function wholeBody() {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
  return {
    model: 'claude-opus-4-8',
    max_tokens: 50,
    metadata: { user_id: 'u' },
    system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    tools: [
      { name: 'f', description: 'Does it.', input_schema: schema, strict: true },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 1, allowed_domains: ['example.com'] },
      { type: 'mcp_toolset', mcp_server_name: 's' },
    ],
    mcp_servers: [{ type: 'url', url: 'https://example.com', name: 's' }],
    tool_choice: { type: 'auto' },
    output_config: { effort: 'low', task_budget: { type: 'tokens', total: 20_000 } },
    context_management: { edits: [{ type: 'compact_20260112' }] },
    stop_sequences: ['x'],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' }, title: 't' },
          { type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
          { type: 'tool_use', id: 'a', name: 'f', input: { a: 'b' } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'ok' }] }],
      },
      { role: 'system', content: 'Be brief.' },
    ],
  }
}

type Place = readonly (string | number)[]

function getPlaces(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [at, ...inner.flatMap(([name, member]) => getPlaces(member, [...at, name]))]
}

function changed(value: unknown, [step, ...rest]: Place, to: unknown): unknown {
  if (step === undefined) return to
  if (Array.isArray(value))
    return value.map((each, index) => (index === step ? changed(each, rest, to) : each))
  const members = Object.entries(value ?? {})
  return Object.fromEntries(
    members.map(([name, each]) => [name, name === step ? changed(each, rest, to) : each]),
  )
}
