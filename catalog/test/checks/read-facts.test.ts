import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Platform } from '../../src/index.ts'
import { check, readFacts, models } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const asOf = '2026-11-22'

test('reads every fact of a request', () => {
  const body = {
    model: 'claude-opus-4-5',
    max_tokens: 4096,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 3,
    stream: true,
    thinking: { type: 'enabled', budget_tokens: 2048 },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: {} } },
    inference_geo: 'us',
    speed: 'fast',
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    tools: [
      { name: 'add', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } },
      { type: 'custom', name: 'sub', input_schema: { type: 'object' } },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 4 },
    ],
    tool_choice: { type: 'any' },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'document', source: { type: 'file', file_id: 'file_1' }, citations: { enabled: true } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Plain.' } },
        ],
      },
      { role: 'assistant', content: 'Well' },
    ],
  }

  expect(readFacts(body, { 'Anthropic-Beta': 'a, b', 'anthropic-version': '2023-06-01' })).toEqual({
    max_tokens: 4096,
    temperature: 0.5,
    top_p: 0.9,
    top_k: 3,
    stream: true,
    thinking_type: 'enabled',
    budget_tokens: 2048,
    effort: 'low',
    output_format: true,
    inference_geo: 'us',
    speed: 'fast',
    has_tools: true,
    tool_types: ['bash_20250124', 'web_search_20250305'],
    web_search_max_uses: 4,
    tool_choice_type: 'any',
    betas: ['a', 'b'],
    api_version: '2023-06-01',
    prefill: true,
    last_message_index: 1,
    system_message: false,
    first_role: 'user',
    first_blocks: { image: 'messages.0.content.0', document: 'messages.0.content.1' },
    file_block: 'messages.0.content.1.document',
    images: [],
    pdfs: [],
    thinking_members: ['type', 'budget_tokens'],
    config_members: ['effort', 'format'],
    container_members: [],
    edit_types: [],
    tools: [
      { type: 'custom', members: ['name', 'input_schema', 'cache_control'] },
      { type: 'custom', members: ['type', 'name', 'input_schema'] },
      { type: 'bash_20250124', members: ['type', 'name'] },
      { type: 'web_search_20250305', members: ['type', 'name', 'max_uses'] },
    ],
    image_count: 1,
    document_count: 1,
    source_types: ['url', 'file', 'text'],
    citations: true,
    cache_ttls: ['1h', '5m'],
    body_bytes: JSON.stringify(body).length,
    input_bytes: JSON.stringify({ system: body.system, messages: body.messages, tools: body.tools }).length,
    body_members: Object.keys(body),
  })
})

test('prefers the betas and version of a Bedrock body over the headers', () => {
  const body = { anthropic_version: 'bedrock-2023-05-31', anthropic_beta: ['a', 'b'], messages: [] }

  expect(readFacts(body, { 'anthropic-version': '2023-06-01', 'anthropic-beta': ['b', 'c'] })).toMatchObject({
    api_version: 'bedrock-2023-05-31',
    betas: ['a', 'b'],
  })
})

test('keeps both values of a repeated version header, which the API rejects', () => {
  const facts = readFacts({}, { 'anthropic-version': ['2023-06-01', '2023-06-01'] })

  expect(facts.api_version).toBe('2023-06-01, 2023-06-01')
})

test('counts the text of a prompt, not the data of its images', () => {
  const image = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(100_000) }
  const body = { messages: [{ role: 'user', content: [{ type: 'image', source: image }] }] }

  const facts = readFacts(body)

  expect(facts.image_count).toBe(1)
  expect(facts.input_bytes).toBeLessThan(100)
  expect(facts.body_bytes).toBeGreaterThan(100_000)
})

test('reads tool results and search results', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }
  const cited = { type: 'text', text: 'x', citations: [{ type: 'char_location' }] }
  const mark = { cache_control: { type: 'ephemeral' } }
  const body = {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [image, { ...image, ...mark }] },
          { type: 'search_result', content: [cited] },
        ],
      },
    ],
  }

  expect(readFacts(body)).toMatchObject({ image_count: 2, cache_ttls: ['5m'] })
})

test.each([
  [[{ type: 'text', text: 'Well' }], true],
  [[], true],
  ['Well', true],
  [[{ type: 'thinking', thinking: '', signature: 'x' }], false],
  [[{ type: 'redacted_thinking', data: 'x' }], false],
  [
    [
      { type: 'text', text: 'a' },
      { type: 'server_tool_use', id: 'srvtoolu_1' },
    ],
    false,
  ],
  [[{ type: 'text', text: 'a' }, { type: 'web_search_tool_result' }], false],
])('with the last assistant message %j, prefill is %s', (content, prefill) => {
  expect(readFacts({ messages: [{ role: 'assistant', content }] }).prefill).toBe(prefill)
})

test('has no limit on searches if one tool sets none', () => {
  const tools = [{ type: 'web_search_20250305', max_uses: 4 }, { type: 'web_search_20260209' }]

  expect(readFacts({ tools }).web_search_max_uses).toBeUndefined()
})

test('never throws for any body, and omits facts with an unexpected shape', () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...models), (body, model) => {
      expect(Array.isArray(check(readFacts(body), model, { asOf }))).toBe(true)
    }),
  )
  expect(readFacts({ max_tokens: '7', thinking: [], tools: 'x', messages: { role: 'user' } })).toMatchObject({
    has_tools: false,
    stream: false,
    cache_ttls: [],
  })
})

test.each([
  ['claude-code-opus-5-5.json', 'claude-opus-5-5'],
  ['claude-code-sonnet-5-5.json', 'claude-sonnet-5-5'],
  ['claude-code-haiku-5-5.json', 'claude-haiku-5-5'],
  ['claude-code-fable-5-2.json', 'claude-fable-5-2'],
  ['claude-code-bedrock.json', 'claude-opus-5-5'],
  ['claude-code-vertex.json', 'claude-opus-5-5'],
  ['claude-code-plain.json', 'claude-opus-5-5'],
  ['claude-code-sonnet-4-5.json', 'claude-sonnet-4-5'],
  ['sdk-typescript-1.json', 'claude-sonnet-5-5'],
  ['sdk-python-1.json', 'claude-haiku-5-5'],
  ['sdk-typescript-0-60.json', 'claude-sonnet-4-0'],
  ['ai-sdk.json', 'claude-opus-5-5'],
  ['langchain-js.json', 'claude-sonnet-4-5'],
])('finds nothing wrong in %s for %s', (file, name) => {
  expect(listCodes(file, name)).toEqual([])
})

test.each([
  // Requests of a current client to a model of the page.
  [
    'claude-code-opus-5-5.json',
    'claude-opus-4-1',
    [
      'max_tokens_above_model',
      'adaptive_thinking_unsupported',
      'effort_unsupported',
      'system_message_unsupported',
    ],
  ],
  [
    'claude-code-opus-5-5.json',
    'claude-3-haiku-20240307',
    [
      'max_tokens_above_model',
      'adaptive_thinking_unsupported',
      'effort_unsupported',
      'system_message_unsupported',
    ],
  ],
  ['claude-code-opus-5-5.json', 'claude-opus-4-6', ['system_message_unsupported']],
  ['claude-code-sonnet-4-5.json', 'claude-opus-5-5', ['enabled_thinking_unsupported']],
  [
    'claude-code-sonnet-4-5.json',
    'claude-3-5-haiku-latest',
    ['max_tokens_above_model', 'thinking_unsupported'],
  ],
  ['sdk-typescript-0-60.json', 'claude-opus-4-8', ['enabled_thinking_unsupported']],
  [
    'sdk-typescript-0-60.json',
    'claude-3-opus-latest',
    ['max_tokens_above_model', 'thinking_unsupported', 'tool_type_unsupported'],
  ],
  ['sdk-python-1.json', 'claude-sonnet-4-0', ['output_format_unsupported']],
  ['ai-sdk.json', 'claude-sonnet-4-5', ['max_tokens_above_model']],
  ['langchain-js.json', 'claude-opus-5', ['temperature_fixed']],
] as const)('finds in %s for %s exactly %j', (file, name, codes) => {
  expect(listCodes(file, name)).toEqual(codes)
})

test('finds what the clouds reject in a request for the Claude API', () => {
  expect(listCodes('sdk-typescript-0-60.json', 'claude-sonnet-4-0', 'bedrock')).toEqual([
    'tool_type_missing_on_platform',
  ])
  expect(listCodes('sdk-python-1.json', 'claude-haiku-5-5', 'bedrock')).toEqual(['output_format_unsupported'])
  expect(listCodes('sdk-typescript-1.json', 'claude-opus-4-6', 'bedrock')).toEqual(['version_not_on_bedrock'])
})

test('has an expectation for every captured request', () => {
  const files = readdirSync(new URL('requests/', import.meta.url))

  expect(files).toHaveLength(13)
})

function listCodes(file: string, name: string, platform?: Platform): readonly string[] {
  const captured = readRequest(file)
  const facts = readFacts(captured.body, captured.headers)
  const findings = check(facts, modelNamed(name), { asOf, platform: platform ?? captured.platform })
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

interface Captured {
  readonly platform: Platform
  readonly headers: Record<string, string>
  readonly body: unknown
}

function readRequest(file: string): Captured {
  // The fixtures are ours and have this shape.
  return JSON.parse(readFileSync(new URL(`requests/${file}`, import.meta.url), 'utf8')) as Captured
}

test('the sizes of any body are those of its JSON without media, and are optional', () => {
  const data = 'A'.repeat(100)
  const source = { type: 'base64', media_type: 'image/png', data }
  const image = { role: 'user', content: [{ type: 'image', source }] }
  const member = fc.constantFrom('system', 'messages', 'tools', 'metadata', 'model')

  fc.assert(
    fc.property(
      fc.dictionary(member, fc.jsonValue(), { noNullPrototype: true }),
      fc.boolean(),
      (members, hasImage) => {
        const body: Record<string, unknown> = hasImage ? { ...members, messages: [image] } : members
        const { system, messages, tools } = body
        const emptied = hasImage ? [{ role: 'user', content: [{ type: 'image', source: {} }] }] : messages

        expect(readFacts(body)).toMatchObject({
          body_bytes: toBytes(body),
          input_bytes: toBytes({ system, messages: emptied, tools }),
        })
        expect(Object.keys(readFacts(body, {}, { sized: false }))).not.toContain('input_bytes')
      },
    ),
  )
})

function toBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
