import { betaStateOn, findBeta } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'
import type { PlacedBlock } from './content.ts'

export interface GateFacts {
  readonly request: MessagesRequest
  readonly blocks: readonly PlacedBlock[]
  readonly betas: readonly string[]
  /** The day of the clock: what was general by then needs no header. */
  readonly today: string
}

/**
 * Refuses what needs a beta that was not sent, as the schema refuses what it does not have. The
 * headers of tools, effort, fast mode, cache times and context management are the catalog's rules,
 * for they depend on the model.
 */
export function findClosedGate({ request, blocks, betas, today }: GateFacts): ApiError | null {
  for (const { anyOf, find } of gates) {
    // Few requests use any of these things, and to look for one is quicker than to look at the headers.
    const message = find(request, blocks)
    if (message === null) continue
    if (!anyOf.some((value) => betas.includes(value) || isGeneral(value, today)))
      return { status: 400, message }
  }
  return null
}

function isGeneral(value: string, today: string): boolean {
  const beta = findBeta(value)
  return beta !== null && beta.generalSince !== null && betaStateOn(beta, today) === 'idle'
}

interface Gate {
  /** Any of these lets the thing through (beta headers pages, 2025 and 2026; types of SDK 1.12). */
  readonly anyOf: readonly string[]
  /** The text for the first use of the thing; null where it is not used. */
  readonly find: (request: MessagesRequest, blocks: readonly PlacedBlock[]) => string | null
}

const toolUse = ['advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19', 'tool-examples-2025-10-29']
const structured = ['structured-outputs-2025-11-13']
const newMcp = ['mcp-client-2025-11-20', 'mcp-client-2026-09-15']

const gates: readonly Gate[] = [
  { anyOf: ['mcp-client-2025-04-04', ...newMcp], find: member('mcp_servers') },
  { anyOf: newMcp, find: toolType('mcp_toolset') },
  { anyOf: ['advisor-tool-2026-03-01'], find: toolType('advisor_20260301') },
  { anyOf: toolUse, find: toolMember('defer_loading') },
  { anyOf: toolUse, find: toolMember('allowed_callers') },
  { anyOf: toolUse, find: toolMember('input_examples') },
  { anyOf: structured, find: toolMember('strict') },
  { anyOf: structured, find: member('output_format') },
  {
    anyOf: structured,
    find: ({ output_config: config }) => (config?.format ? extra('output_config.format') : null),
  },
  {
    anyOf: ['task-budgets-2026-03-13'],
    find: ({ output_config: config }) => (config?.task_budget ? extra('output_config.task_budget') : null),
  },
  {
    anyOf: ['thinking-display-updates-2026-08-18'],
    find: ({ thinking }) =>
      thinking?.display === 'updates'
        ? `thinking.${thinking.type}.display: Input should be 'summarized' or 'omitted'`
        : null,
  },
  {
    anyOf: ['thinking-binding-controls-2026-08-01'],
    find: ({ thinking }) =>
      thinking && 'block_binding' in thinking && thinking.block_binding
        ? extra(`thinking.${thinking.type}.block_binding`)
        : null,
  },
  { anyOf: ['cache-diagnosis-2026-04-07'], find: member('diagnostics') },
  {
    anyOf: ['code-execution-2025-05-22', 'code-execution-2025-08-25', 'skills-2025-10-02'],
    find: member('container'),
  },
  {
    anyOf: ['skills-2025-10-02'],
    find: ({ container }) =>
      typeof container === 'object' && container?.skills ? extra('container.ContainerParams.skills') : null,
  },
  {
    anyOf: ['compact-2026-01-12', 'compact-2026-09-04'],
    find: ({ context_management: management }) => {
      const at = (management?.edits ?? []).findIndex(({ type }) => type === 'compact_20260112')
      return at === -1 ? null : unexpectedTag(`context_management.edits.${at}`, 'compact_20260112')
    },
  },
  {
    anyOf: ['mid-conversation-system-clear-at-2026-08-21'],
    find: ({ messages }) => entryMember(messages, 'clear_at'),
  },
  {
    anyOf: ['mid-conversation-output-config-2026-07-01', 'per-turn-control-2026-07-01'],
    find: ({ messages }) => entryMember(messages, 'output_config'),
  },
  { anyOf: ['mid-conversation-tool-changes-2026-07-01'], find: blockType('tool_addition', 'tool_removal') },
  { anyOf: ['search-results-2025-06-09'], find: blockType('search_result') },
  { anyOf: ['files-api-2025-04-14'], find: blockType('container_upload') },
  { anyOf: ['files-api-2025-04-14'], find: findFileSource },
]

function member(name: keyof MessagesRequest): Gate['find'] {
  return (request) => (request[name] === undefined || request[name] === null ? null : extra(name))
}

function toolType(wanted: string): Gate['find'] {
  return ({ tools = [] }) => {
    const at = tools.findIndex(({ type }) => type === wanted)
    return at === -1 ? null : unexpectedTag(`tools.${at}`, wanted)
  }
}

function toolMember(name: string): Gate['find'] {
  return ({ tools = [] }) => {
    const at = tools.findIndex((tool) => Object.hasOwn(tool, name))
    return at === -1 ? null : extra(`tools.${at}.${tools[at]?.type ?? 'custom'}.${name}`)
  }
}

function blockType(...wanted: readonly string[]): Gate['find'] {
  return (_request, blocks) => {
    const found = blocks.find(({ block }) => wanted.includes(block.type))
    return found ? unexpectedTag(found.path.slice(0, -found.block.type.length - 1), found.block.type) : null
  }
}

function findFileSource(_request: MessagesRequest, blocks: readonly PlacedBlock[]): string | null {
  const found = blocks.find(
    ({ block }) => (block.type === 'image' || block.type === 'document') && block.source.type === 'file',
  )
  return found ? unexpectedTag(`${found.path}.source`, 'file') : null
}

function entryMember(
  messages: MessagesRequest['messages'],
  name: 'clear_at' | 'output_config',
): string | null {
  const at = messages.findIndex((message) => message[name] !== undefined && message[name] !== null)
  return at === -1 ? null : extra(`messages.${at}.${name}`)
}

function extra(path: string): string {
  return `${path}: Extra inputs are not permitted`
}

/** Without the list of the tags that there are, which is another for every set of headers. */
function unexpectedTag(path: string, tag: string): string {
  return `${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags`
}
