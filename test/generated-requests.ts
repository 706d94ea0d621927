import type { ApiVersion } from '@anthology/wire'
import * as fc from 'fast-check'

/** A request that is not yet bound to a model and platform. */
export interface Sent {
  /** Without `model`. */
  readonly body: Readonly<Record<string, unknown>>
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
}

const schema = { type: 'object', properties: {}, additionalProperties: false }
const format = { type: 'json_schema', schema }
const custom = { name: 'f', input_schema: schema }
const mark = fc.constantFrom({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' })

const tool = fc.constantFrom<object>(
  custom,
  { ...custom, type: 'custom', name: 'g' },
  { ...custom, name: 'strict', strict: true },
  { ...custom, name: 'old', input_schema: { ...schema, required: true } },
  { ...custom, name: 'deferred', defer_loading: true },
  { ...custom, name: 'called', allowed_callers: ['direct'] },
  { ...custom, name: 'shown', input_examples: [] },
  { type: 'bash_20250124', name: 'bash' },
  { type: 'computer_20251124', name: 'computer', display_width_px: 1, display_height_px: 1 },
  { type: 'web_search_20250305', name: 'web_search', max_uses: 1 },
  { type: 'code_execution_20250825', name: 'code_execution' },
  { type: 'memory_20250818', name: 'memory' },
  { type: 'mcp_toolset', mcp_server_name: 's' },
  { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5' },
)

const thinking = fc.constantFrom<object>(
  { type: 'enabled', budget_tokens: 500 },
  { type: 'enabled', budget_tokens: 2_000 },
  { type: 'enabled', budget_tokens: 50_000 },
  { type: 'adaptive' },
  { type: 'adaptive', display: 'updates' },
  { type: 'adaptive', block_binding: {} },
  { type: 'adaptive', budget_tokens: 2_000 },
  { type: 'disabled' },
  { type: 'between_tools' },
)

const editTypes = fc.constantFrom('clear_thinking_20251015', 'clear_tool_uses_20250919', 'compact_20260112')

const options = fc.record(
  {
    max_tokens: fc.constantFrom<unknown>(0, 1, 100, 4_096, 40_000, 200_000, 'many'),
    temperature: fc.constantFrom(0.5, 1, 1.5),
    top_p: fc.constantFrom(0.5, 0.99, 1),
    top_k: fc.constant(5),
    thinking,
    tools: fc.uniqueArray(tool, { maxLength: 3 }),
    tool_choice: fc.constantFrom(
      { type: 'auto' },
      { type: 'any' },
      { type: 'tool', name: 'f' },
      { type: 'none' },
    ),
    output_config: fc.record(
      {
        effort: fc.constantFrom('low', 'xhigh', 'max'),
        format: fc.constant(format),
        task_budget: fc.constant({ type: 'tokens', total: 20_000 }),
      },
      { requiredKeys: [] },
    ),
    output_format: fc.constantFrom(format, null),
    inference_geo: fc.constantFrom('us', 'global'),
    speed: fc.constantFrom('fast', 'standard'),
    context_management: fc.record({
      edits: fc.uniqueArray(
        editTypes.map((type) => ({ type })),
        { maxLength: 2 },
      ),
    }),
    container: fc.constantFrom('c', { skills: [] }, null),
    cache_control: mark,
    diagnostics: fc.constantFrom({}, null),
    mcp_servers: fc.constant([{ type: 'url', url: 'https://example.com', name: 's' }]),
    stream: fc.boolean(),
    tags: fc.constant(['a']),
  },
  { requiredKeys: [] },
)

/** The header of a PNG, which contains its size. */
function png(width: number, height: number): string {
  const bytes = Buffer.alloc(33)
  bytes.write('\u0089PNG\r\n\u001a\n', 'latin1')
  bytes.writeUInt32BE(13, 8)
  bytes.write('IHDR', 12, 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes.toString('base64')
}

const image = fc
  .record({
    media_type: fc.constantFrom('image/png', 'image/png', 'image/jpeg'),
    data: fc.constantFrom(png(10, 10), png(2_500, 10), png(9_000, 10), 'AA=='),
    strict: fc.boolean(),
  })
  .map(({ media_type, data, strict }) => ({
    type: 'image',
    source: { type: 'base64', media_type, data },
    ...(strict && { transformations: { oversized_image: 'error' } }),
  }))

const text = fc.record(
  { type: fc.constant('text'), text: fc.constant('Hello'), cache_control: mark },
  { requiredKeys: ['type', 'text'] },
)

const block = fc.oneof(
  { weight: 3, arbitrary: text },
  image,
  image.map((each) => ({ type: 'document', source: { type: 'content', content: [each] } })),
  fc.constantFrom<object>(
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' } },
    {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'Plain.' },
      citations: { enabled: true },
    },
    { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
  ),
)

const user = fc
  .oneof({ weight: 2, arbitrary: fc.constant('Hello') }, fc.array(block, { minLength: 1, maxLength: 3 }))
  .map((content) => ({ role: 'user', content }))
const assistant = fc.constantFrom<object>(
  { role: 'assistant', content: 'Well' },
  { role: 'assistant', content: [{ type: 'text', text: 'Well' }] },
)
const entry = fc.constantFrom<object>(
  { role: 'system', content: 'Be brief.' },
  { role: 'system', content: 'Be brief.', clear_at: 'never' },
  { role: 'system', content: [], output_config: { effort: 'low' } },
  {
    role: 'system',
    content: [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'f' } }],
  },
)

const conversation = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(user) },
  fc.array(fc.oneof({ weight: 3, arbitrary: user }, assistant, entry), { minLength: 1, maxLength: 4 }),
)

const betas = fc.uniqueArray(
  fc.constantFrom(
    'advanced-tool-use-2025-11-20',
    'code-execution-2025-08-25',
    'compact-2026-01-12',
    'computer-use-2025-11-24',
    'context-management-2025-06-27',
    'effort-2025-11-24',
    'extended-cache-ttl-2025-04-11',
    'fast-mode-2026-02-01',
    'files-api-2025-04-14',
    'interleaved-thinking-2025-05-14',
    'mcp-client-2025-11-20',
    'mid-conversation-tool-changes-2026-07-01',
    'output-128k-2025-02-19',
    'per-turn-control-2026-07-01',
    'structured-outputs-2025-11-13',
    'task-budgets-2026-03-13',
    'tomorrow-2099-01-01',
  ),
  { maxLength: 4 },
)

/** Few members each time, so that many requests have one error or none. */
export const sentRequest: fc.Arbitrary<Sent> = fc.record({
  body: fc
    .tuple(options, fc.subarray(memberNames(), { maxLength: 4 }), conversation)
    .map(([given, names, messages]) => ({
      max_tokens: 100,
      ...Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name))),
      messages,
    })),
  betas: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: betas }),
  apiVersion: fc.constantFrom('2023-06-01', '2023-06-01', '2026-10-21'),
})

function memberNames(): string[] {
  return [
    'max_tokens',
    'temperature',
    'top_p',
    'top_k',
    'thinking',
    'tools',
    'tool_choice',
    'output_config',
    'output_format',
    'inference_geo',
    'speed',
    'context_management',
    'container',
    'cache_control',
    'diagnostics',
    'mcp_servers',
    'stream',
    'tags',
  ]
}
