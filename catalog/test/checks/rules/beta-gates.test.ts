import { describe, expect, test } from 'vitest'
import { check, readFacts } from '../../../src/index.ts'
import { betaGateRules } from '../../../src/checks/rules/beta-gates.ts'
import { modelNamed } from '../../request.ts'

const tool = { name: 'f', input_schema: { type: 'object', properties: {}, additionalProperties: false } }
const format = { type: 'json_schema', schema: tool.input_schema }
const codeTool = { type: 'code_execution_20250825', name: 'code_execution' }
const server = { type: 'url', url: 'https://example.com', name: 's' }
const noTag = (tag: string) => `Input tag '${tag}' found using 'type' does not match any of the expected tags`
const extra = 'Extra inputs are not permitted'

/** A gated feature, a header that enables it, a day on which it is required, and the error without it. */
const behind: readonly {
  readonly what: string
  readonly members: Readonly<Record<string, unknown>>
  readonly beta: string
  readonly day: string
  readonly text: string
}[] = [
  {
    what: 'MCP servers',
    members: { mcp_servers: [server] },
    beta: 'mcp-client-2025-04-04',
    day: '2026-11-22',
    text: `mcp_servers: ${extra}`,
  },
  {
    what: 'an advisor',
    members: { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'm' }] },
    beta: 'advisor-tool-2026-03-01',
    day: '2026-11-22',
    text: `tools.0: ${noTag('advisor_20260301')}`,
  },
  {
    what: 'a deferred tool',
    members: { tools: [tool, { ...tool, name: 'g', defer_loading: true }] },
    beta: 'advanced-tool-use-2025-11-20',
    day: '2025-12-01',
    text: `tools.1.custom.defer_loading: ${extra}`,
  },
  {
    what: 'callers of a tool',
    members: { tools: [{ ...tool, allowed_callers: ['direct'] }] },
    beta: 'advanced-tool-use-2025-11-20',
    day: '2025-12-01',
    text: `tools.0.custom.allowed_callers: ${extra}`,
  },
  {
    what: 'examples of a tool',
    members: { tools: [{ ...tool, input_examples: [] }] },
    beta: 'tool-examples-2025-10-29',
    day: '2025-12-01',
    text: `tools.0.custom.input_examples: ${extra}`,
  },
  {
    what: 'a strict tool',
    members: { tools: [{ ...tool, strict: true }] },
    beta: 'structured-outputs-2025-11-13',
    day: '2025-12-01',
    text: `tools.0.custom.strict: ${extra}`,
  },
  {
    what: 'a format by its first name',
    members: { output_format: format },
    beta: 'structured-outputs-2025-11-13',
    day: '2025-12-01',
    text: `output_format: ${extra}`,
  },
  {
    what: 'a format',
    members: { output_config: { format } },
    beta: 'structured-outputs-2025-11-13',
    day: '2025-12-01',
    text: `output_config.format: ${extra}`,
  },
  {
    what: 'a task budget',
    members: { output_config: { task_budget: { type: 'tokens', total: 20_000 } } },
    beta: 'task-budgets-2026-03-13',
    day: '2026-11-22',
    text: `output_config.task_budget: ${extra}`,
  },
  {
    what: 'updates on thinking',
    members: { thinking: { type: 'adaptive', display: 'updates' } },
    beta: 'thinking-display-updates-2026-08-18',
    day: '2026-11-22',
    text: "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
  },
  {
    what: 'the binding of thinking',
    members: { thinking: { type: 'adaptive', block_binding: {} } },
    beta: 'thinking-binding-controls-2026-08-01',
    day: '2026-11-22',
    text: `thinking.adaptive.block_binding: ${extra}`,
  },
  {
    what: 'diagnostics',
    members: { diagnostics: {} },
    beta: 'cache-diagnosis-2026-04-07',
    day: '2026-09-22',
    text: `diagnostics: ${extra}`,
  },
  {
    what: 'a container',
    members: { container: 'c', tools: [codeTool] },
    beta: 'code-execution-2025-08-25',
    day: '2025-09-01',
    text: `container: ${extra}`,
  },
  {
    what: 'skills',
    members: { container: { skills: [{ type: 'anthropic', skill_id: 'pdf' }] }, tools: [codeTool] },
    beta: 'skills-2025-10-02',
    day: '2025-11-01',
    text: `container: ${extra}`,
  },
  {
    what: 'compaction',
    members: { context_management: { edits: [{ type: 'compact_20260112' }] } },
    beta: 'compact-2026-01-12',
    day: '2026-11-22',
    text: `context_management.edits.0: ${noTag('compact_20260112')}`,
  },
  {
    what: 'an entry that is cleared',
    members: { messages: [user('Hi'), { role: 'system', content: 'x', clear_at: 'never' }] },
    beta: 'mid-conversation-system-clear-at-2026-08-21',
    day: '2026-11-22',
    text: `messages.1.clear_at: ${extra}`,
  },
  {
    what: 'an entry that sets the effort',
    members: { messages: [user('Hi'), { role: 'system', content: [], output_config: { effort: 'low' } }] },
    beta: 'per-turn-control-2026-07-01',
    day: '2026-11-22',
    text: `messages.1.output_config: ${extra}`,
  },
  {
    what: 'a tool that goes',
    members: {
      messages: [
        user('Hi'),
        { role: 'system', content: [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'f' } }] },
      ],
    },
    beta: 'mid-conversation-tool-changes-2026-07-01',
    day: '2026-11-22',
    text: `messages.1.content.0: ${noTag('tool_removal')}`,
  },
  {
    what: 'a search result',
    members: { messages: [user([{ type: 'search_result', source: 's', title: 't', content: [] }])] },
    beta: 'search-results-2025-06-09',
    day: '2025-08-07',
    text: `messages.0.content.0: ${noTag('search_result')}`,
  },
  {
    what: 'an upload for a container',
    members: { messages: [user([{ type: 'container_upload', file_id: 'f' }])] },
    beta: 'files-api-2025-04-14',
    day: '2026-08-18',
    text: `messages.0.content.0: ${noTag('container_upload')}`,
  },
  {
    what: 'a file in a document',
    members: { messages: [user([{ type: 'document', source: { type: 'file', file_id: 'f' } }])] },
    beta: 'files-api-2025-04-14',
    day: '2026-08-18',
    text: `messages.0.content.0.document.source: ${noTag('file')}`,
  },
]

describe.each(behind)('$what', ({ members, beta, day, text }) => {
  test('is rejected without its header', () => {
    expect(findErrorText(members, [], day)).toBe(text)
  })

  test('is accepted with it', () => {
    expect(findErrorText(members, [beta], day)).toBeNull()
  })
})

test('toolsets require a later header than servers', () => {
  const members = { mcp_servers: [server], tools: [{ type: 'mcp_toolset', mcp_server_name: 's' }] }

  expect(findErrorText(members, ['mcp-client-2025-04-04'], '2026-11-22')).toBe(
    `tools.0: ${noTag('mcp_toolset')}`,
  )
  expect(findErrorText(members, ['mcp-client-2025-11-20'], '2026-11-22')).toBeNull()
})

test('skills require their own header in addition to the one for code execution', () => {
  const members = { container: { skills: [{ type: 'anthropic', skill_id: 'pdf' }] }, tools: [codeTool] }

  expect(findErrorText(members, ['code-execution-2025-08-25'], '2025-11-01')).toBe(
    `container.ContainerParams.skills: ${extra}`,
  )
})

test.each([
  ['a deferred tool', { tools: [tool, { ...tool, name: 'g', defer_loading: true }] }],
  ['a strict tool', { tools: [{ ...tool, strict: true }] }],
  ['a format', { output_config: { format } }],
  ['diagnostics', { diagnostics: {} }],
  ['a container with skills', { container: { skills: [] }, tools: [codeTool] }],
  ['a file', { messages: [user([{ type: 'image', source: { type: 'file', file_id: 'f' } }])] }],
  [
    'a search result',
    { messages: [user([{ type: 'search_result', source: 's', title: 't', content: [] }])] },
  ],
])('a generally available feature requires no header: %s', (_, members) => {
  expect(findErrorText(members, [], '2026-11-22')).toBeNull()
})

function findErrorText(
  members: Readonly<Record<string, unknown>>,
  betas: readonly string[],
  today: string,
): string | null {
  const body = { model: 'm', max_tokens: 10, messages: [user('Hi')], ...members }
  const facts = readFacts(body, { 'anthropic-beta': betas.join(',') })
  const findings = check(facts, modelNamed('claude-opus-5-5'), { asOf: today })
  return findings.find(({ code }) => gateCodes.has(code))?.message ?? null
}

const gateCodes: ReadonlySet<string> = new Set(betaGateRules.map(({ code }) => code))

test('reports nothing if the headers are not known', () => {
  const { betas: _, ...facts } = readFacts({ mcp_servers: [server] })

  expect(check(facts, modelNamed('claude-opus-5-5'), { asOf: '2026-11-22' })).toEqual([])
})

function user(content: unknown) {
  return { role: 'user', content }
}
