import { betas } from '@anthology/catalog'

import { inputBlock } from '../../../wire/src/messages/block-shapes.ts'
import { messageShape } from '../../../wire/src/messages/message-shape.ts'
import { messagesShapes } from '../../../wire/src/messages/request-shape.ts'
import { toolShape } from '../../../wire/src/messages/tool-shapes.ts'
import { listSingles, listVariants } from './shape-values.ts'

/** Members of a request in the form of the Messages API, with what they need beside them. */
export interface RequestField {
  /** The members under test. */
  readonly members: Readonly<Record<string, unknown>>
  /** Members without which these are rejected. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly betas: readonly string[]
  /** The same members in requests of their own, if one of them makes the gateway refuse all. */
  readonly parts?: readonly RequestField[]
}

/** Every value of `anthropic-beta` that the catalog knows, and one that it does not. */
export const betaValues: readonly string[] = [
  ...betas.map(({ value }) => value),
  'feature-of-the-future-2027-01-01',
]

/** These are in every request, or have lists of their own. */
const apart: ReadonlySet<string> = new Set(['model', 'messages', 'stream', 'tools'])

const tool = { name: 'some_text', input_schema: { type: 'object' } }

const contexts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tool_choice: { tools: [tool] },
  mcp_servers: { tools: [{ type: 'mcp_toolset', mcp_server_name: 'some_text' }] },
}

function listOptions(): readonly RequestField[] {
  const shape = messagesShapes[2026]
  if (shape.kind !== 'record') throw new Error('the schema of requests is not a record')
  return Object.entries(shape.members)
    .filter(([name]) => !apart.has(name))
    .flatMap(([name, member]) =>
      listSingles(member.shape).map((value) => {
        const members = { [name]: value }
        const context = contexts[name]
        return { members, betas: findBetas(members), ...(context !== undefined && { context }) }
      }),
    )
}

function listBlocks(): readonly RequestField[] {
  return Object.values(groupByType(listVariants(inputBlock))).map((blocks = []) => ({
    ...createBlockField(blocks),
    parts: blocks.map((block) => createBlockField([block])),
  }))
}

function createBlockField(blocks: readonly unknown[]): RequestField {
  const members = { messages: [{ role: 'user', content: blocks }] }
  return { members, betas: findBetas(members) }
}

function groupByType(values: readonly unknown[]): Readonly<Record<string, readonly unknown[] | undefined>> {
  return Object.groupBy(values, (value) => String(Object(value)['type']))
}

/** System entries in mid-conversation. Their content is the same in all, so each other member occurs once. */
function listEntries(): readonly RequestField[] {
  const shape = messageShape.kind === 'chosen' ? messageShape.choose({ role: 'system' }) : messageShape
  const entries = listSingles(shape).map((entry) => ({
    ...Object(entry),
    role: 'system',
    content: 'Be brief.',
  }))
  const distinct = new Map(entries.map((entry) => [JSON.stringify(entry), entry]))
  return [...distinct.values()].map((entry) => {
    const members = { messages: [{ role: 'user', content: 'Hi' }, entry] }
    return { members, betas: findBetas(members) }
  })
}

/** The gateway decides by the type of a tool, so the tools of one type share a request. */
function listTools(): readonly RequestField[] {
  return Object.values(groupByType(listVariants(toolShape))).map((tools) => {
    const members = { tools }
    return { members, betas: findBetas(members) }
  })
}

/** The betas without which the Claude API rejects members, by a text in them. */
const neededBetas: readonly (readonly [RegExp, string])[] = [
  [/"mcp_servers"|"mcp_toolset"/, 'mcp-client-2025-11-20'],
  [/"container"/, 'code-execution-2025-08-25'],
  [/"skills"/, 'skills-2025-10-02'],
  [/"context_management"/, 'context-management-2025-06-27'],
  [/"compact_20260112"/, 'compact-2026-01-12'],
  [/"diagnostics"/, 'cache-diagnosis-2026-04-07'],
  [/"task_budget"/, 'task-budgets-2026-03-13'],
  [/"updates"/, 'thinking-display-updates-2026-08-18'],
  [/"block_binding"/, 'thinking-binding-controls-2026-08-01'],
  [/"output_format"/, 'structured-outputs-2025-11-13'],
  [/"speed":"fast"/, 'fast-mode-2026-02-01'],
  [/"advisor_20260301"/, 'advisor-tool-2026-03-01'],
  [/"clear_at"/, 'mid-conversation-system-clear-at-2026-08-21'],
  [
    /"role":"system".*"output_config"|"output_config".*"role":"system"/,
    'mid-conversation-output-config-2026-07-01',
  ],
  [/"tool_addition"|"tool_removal"/, 'mid-conversation-tool-changes-2026-07-01'],
  [/"file_id"/, 'files-api-2025-04-14'],
]

function findBetas(members: object): readonly string[] {
  const text = JSON.stringify(members)
  return neededBetas.filter(([pattern]) => pattern.test(text)).map(([, beta]) => beta)
}

/** Every member of the schema of requests, as `wire` has it, and one that no version knows. */
export const requestFields: readonly RequestField[] = [
  ...listOptions(),
  ...listBlocks(),
  ...listEntries(),
  ...listTools(),
  { members: { a_member_of_the_future: { any: 'value' } }, betas: [] },
]
