import { expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'

/**
 * Every error text that users of the API have reported, each with a request that causes it. Not included are texts that
 * depend on an account: its credit (`Your credit balance is too low ...`), its spend limit (`You have reached your
 * specified API usage limits ...`) and its access to the long context (`The long context beta is not yet available for
 * this subscription.`). Rate limits are tested with capacity, and altered thinking blocks with thinking.
 */
interface Row {
  readonly what: string
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string | RegExp
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  /** The day of the clock; default the day of the models page, from which most texts are. */
  readonly asOf?: string
  readonly keys?: readonly string[]
}

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const budget = { type: 'enabled', budget_tokens: 2_000 }
const tool = { name: 'f', input_schema: { type: 'object', properties: {} } }
const mark = (ttl: string) => ({ type: 'ephemeral', ttl })
const marked = (text: string, ttl = '5m') => ({ type: 'text', text, cache_control: mark(ttl) })
const opus55 = { model: 'claude-opus-5-5' }
const today = '2026-11-22'

const rows: readonly Row[] = [
  {
    what: 'a tool property whose name has a space',
    body: { tools: [{ name: 'f', input_schema: { type: 'object', properties: { 'Account Number': {} } } }] },
    text: "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
  },
  {
    what: 'a tool whose schema is no JSON Schema of draft 2020-12',
    body: { tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: { type: 'str' } } } }] },
    text: 'tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.anthropic.com/en/docs/tool-use.',
  },
  {
    what: 'max_tokens above the model',
    body: { model: 'claude-3-haiku-20240307', max_tokens: 10_000 },
    text: 'max_tokens: 10000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307',
  },
  {
    what: 'prompt alone too long',
    body: say('ab '.repeat(210_000)),
    text: /^prompt is too long: \d{6} tokens > 200000 maximum$/,
  },
  {
    what: 'prompt and max_tokens',
    body: { ...say('ab '.repeat(190_000)), max_tokens: 32_000 },
    text: /^input length and `max_tokens` exceed context limit: \d{6} \+ 32000 > 200000, decrease input length or `max_tokens` and try again$/,
  },
  {
    what: 'temperature and top_p',
    body: { temperature: 1, top_p: 1 },
    text: '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  },
  {
    what: 'budget too small',
    body: { thinking: { type: 'enabled', budget_tokens: 1_023 } },
    text: 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  },
  {
    what: 'budget not below max_tokens',
    body: { thinking: budget, max_tokens: 2_000 },
    text: /^`max_tokens` must be greater than `thinking\.budget_tokens`\. /,
  },
  {
    what: 'thinking and temperature',
    body: { thinking: budget, max_tokens: 4_000, temperature: 0.5 },
    text: /^`temperature` may only be set to 1 when thinking is enabled/,
  },
  {
    what: 'thinking and a forced tool',
    body: { thinking: budget, max_tokens: 4_000, tools: [tool], tool_choice: { type: 'any' } },
    text: 'Thinking may not be enabled when tool_choice forces tool use.',
  },
  {
    what: 'a thinking block missing in a tool loop',
    body: {
      thinking: budget,
      max_tokens: 4_000,
      tools: [tool],
      messages: [user('Hi'), assistant([use('a')]), user([result('a')])],
    },
    text: /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`\. When `thinking` is enabled, a final `assistant` message must start with a thinking block/,
  },
  {
    what: 'thinking on a model without it',
    body: { model: 'claude-3-5-haiku-20241022', thinking: budget, max_tokens: 4_000 },
    text: "'claude-3-5-haiku-20241022' does not support thinking.",
  },
  {
    what: 'adaptive thinking on a model of 4.5',
    body: { model: 'claude-sonnet-4-5', thinking: { type: 'adaptive' } },
    asOf: today,
    text: 'adaptive thinking is not supported on this model',
  },
  {
    what: 'enabled on Opus 4.7 and later',
    body: { model: 'claude-opus-4-7', thinking: budget, max_tokens: 4_000 },
    asOf: today,
    text: '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  },
  {
    what: 'disabled where not allowed',
    body: { ...opus55, thinking: { type: 'disabled' } },
    asOf: today,
    text: /^"thinking\.type\.disabled" is not supported/,
  },
  {
    what: 'first role, until the rule was loosened',
    body: { messages: [assistant('Hello'), user('Hi')] },
    asOf: '2024-10-07',
    text: 'messages: first message must use the "user" role',
  },
  { what: 'no messages', body: { messages: [] }, text: 'messages: at least one message is required' },
  {
    what: 'tool_use unanswered',
    body: { messages: [user('Hi'), assistant([use('toolu_1')]), user('Well?')] },
    text: 'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  },
  {
    what: 'stray tool_result',
    body: { messages: [user([{ type: 'text', text: 'Hi' }, result('toolu_1')])] },
    text: 'messages.0.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
  },
  {
    what: 'server tool unanswered',
    body: {
      messages: [
        user('Hi'),
        assistant([{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }]),
        user('Well?'),
      ],
    },
    text: 'messages.1: `web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block',
  },
  {
    what: 'prefill that ends in whitespace',
    body: { messages: [user('Hi'), assistant('So ')] },
    text: 'messages: final assistant content cannot end with trailing whitespace',
  },
  {
    what: 'prefill on 4.6 and later',
    body: { model: 'claude-opus-4-6', messages: [user('Hi'), assistant('So')] },
    asOf: today,
    text: 'This model does not support assistant message prefill. The conversation must end with a user message.',
  },
  {
    what: 'empty text',
    body: { messages: [user([{ type: 'text', text: '' }])] },
    text: 'messages: text content blocks must be non-empty',
  },
  {
    what: 'blank text',
    body: say(' \n'),
    text: 'messages: text content blocks must contain non-whitespace text',
  },
  {
    what: 'empty message',
    body: { messages: [user('Hi'), assistant([]), user('Hi')] },
    text: 'messages.1: all messages must have non-empty content except for the optional final assistant message',
  },
  {
    what: 'too many breakpoints',
    body: { messages: [user(['a', 'b', 'c', 'd', 'e'].map((text) => marked(text)))] },
    text: 'A maximum of 4 blocks with cache_control may be provided. Found 5.',
  },
  {
    what: 'TTL order',
    body: { messages: [user([marked('a', '5m'), marked('b', '1h')])] },
    text: "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
  },
  {
    what: 'image bytes',
    body: { messages: [user([image('A'.repeat(6_096_280))])] },
    text: 'messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6096280 bytes > 5242880 bytes',
  },
  {
    what: 'many images',
    body: { messages: [user([image(getPng(2_001, 1)), ...Array.from({ length: 20 }, () => image(pixel))])] },
    text: 'messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels',
  },
  {
    what: 'PDF pages',
    body: { messages: [user([getPdf(101)])] },
    text: 'A maximum of 100 PDF pages may be provided.',
  },
  {
    what: 'unknown field',
    body: { tools: [{ ...tool, X: 1 }] },
    text: 'tools.0.custom.X: Extra inputs are not permitted',
  },
  {
    what: 'unknown beta',
    body: {},
    headers: { 'anthropic-beta': 'files-api-2025-04-14,x' },
    text: 'Unexpected value(s) `x` for the `anthropic-beta` header. Please consult our documentation at docs.claude.com or try again without the header.',
  },
  {
    what: 'forced tool on 5.5',
    body: { ...opus55, tools: [tool], tool_choice: { type: 'tool', name: 'f' } },
    asOf: today,
    text: 'tool_choice: type "tool" and "any" are not supported for this model.',
  },
  {
    what: 'tool type not on the model',
    body: {
      ...opus55,
      tools: [{ type: 'computer_20251124', name: 'computer', display_width_px: 1, display_height_px: 1 }],
    },
    headers: { 'anthropic-beta': 'computer-use-2025-11-24' },
    asOf: today,
    text: "'claude-opus-5-5' does not support tool types: computer_20251124.",
  },
  { what: 'missing field', body: { max_tokens: undefined }, text: 'max_tokens: Field required' },
  {
    what: 'the system as a role',
    body: { messages: [{ role: 'system', content: 'Be brief.' }, user('Hi')] },
    text: 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
  },
  { what: 'duplicate tools', body: { tools: [tool, tool] }, text: 'tools: Tool names must be unique.' },
  {
    what: 'a blank stop sequence',
    body: { stop_sequences: ['\n'] },
    text: 'stop_sequences: each stop sequence must contain non-whitespace',
  },
  {
    what: 'an empty stop sequence',
    body: { stop_sequences: [''] },
    text: 'stop_sequences: each stop sequence must be non-empty',
  },
  { what: 'temperature range', body: { temperature: 1.1 }, text: 'temperature: range: -1 or 0..1' },
  {
    what: 'missing file',
    body: { messages: [user([{ type: 'image', source: { type: 'file', file_id: 'file_1' } }])] },
    headers: { 'anthropic-beta': 'files-api-2025-04-14' },
    status: 404,
    text: 'File not found: file_1',
  },
  {
    what: 'a wrong key',
    body: {},
    headers: { 'x-api-key': 'x' },
    keys: ['k'],
    status: 401,
    text: 'invalid x-api-key',
  },
  { what: 'no key', body: {}, keys: ['k'], status: 401, text: 'x-api-key header is required' },
  {
    what: 'no version',
    body: {},
    headers: { 'anthropic-version': '' },
    text: 'anthropic-version: header is required',
  },
  {
    what: 'a doubled version',
    body: {},
    headers: { 'anthropic-version': '2023-06-01, 2023-06-01' },
    text: 'anthropic-version: "2023-06-01, 2023-06-01" is not a valid version',
  },
  { what: 'an unknown model', body: { model: 'claude-9' }, status: 404, text: 'model: claude-9' },
]

test.each(rows)(
  '$what',
  async ({ body, text, headers = {}, status = 400, asOf = '2025-08-15', keys = null }) => {
    const emulator = createEmulator({ asOf, keys })

    const answer = await collect(emulator, {
      body: { model: 'claude-opus-4-1', max_tokens: 100, ...say('Hi'), ...body },
      headers,
    })

    expect(getJson(answer)).toMatchObject({
      type: 'error',
      error: { message: typeof text === 'string' ? text : expect.stringMatching(text) },
      request_id: answer.headers['request-id'],
    })
    expect(answer.status).toBe(status)
  },
)

function say(content: string) {
  return { messages: [user(content)] }
}

function user(content: unknown) {
  return { role: 'user', content }
}

function assistant(content: unknown) {
  return { role: 'assistant', content }
}

function use(id: string) {
  return { type: 'tool_use', id, name: 'f', input: {} }
}

function result(id: string) {
  return { type: 'tool_result', tool_use_id: id, content: 'ok' }
}

function image(data: string) {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
}

/** The head of a PNG, which contains its size. */
function getPng(width: number, height: number): string {
  const bytes = Buffer.from(pixel, 'base64')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes.toString('base64')
}

function getPdf(pages: number) {
  const kids = Array.from({ length: pages }, (_, index) => `${index + 3} 0 R`).join(' ')
  const objects = [
    '1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj',
    `2 0 obj\n<< /Type /Pages /Kids [${kids}] /Count ${pages} >>\nendobj`,
    ...Array.from(
      { length: pages },
      (_, index) => `${index + 3} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj`,
    ),
  ]
  const data = Buffer.from(`%PDF-1.4\n${objects.join('\n')}\n%%EOF`).toString('base64')
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }
}
