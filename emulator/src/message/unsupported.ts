import type { InputBlock, MessagesRequest } from '@anthology/wire'

import { isCalledDirectly } from '../server-tools/server-tool.ts'

/** Lists the features that a request uses and the emulator accepts without effect; the notice header reports each. */
export function listUnsupported(request: MessagesRequest): readonly string[] {
  return unsupported.filter(({ isUsed }) => isUsed(request)).map(({ notice }) => notice)
}

const unsupported: readonly {
  readonly isUsed: (request: MessagesRequest) => boolean
  readonly notice: string
}[] = [
  {
    isUsed: ({ tools = [] }) => tools.some(({ type }) => typeof type === 'string' && serverTools.test(type)),
    notice: 'the emulator does not run tool search, advisors and toolsets: none is called',
  },
  {
    isUsed: ({ tools = [] }) => tools.some((tool) => !isCalledDirectly(tool)),
    notice: 'the emulator does not call tools from code',
  },
  {
    isUsed: ({ tools = [] }) => tools.some(({ type }) => typeof type === 'string' && filtering.test(type)),
    notice: 'the emulator does not filter web results by code: its web tools are called directly',
  },
  {
    isUsed: ({ mcp_servers: servers = [] }) => servers.length > 0,
    notice: 'the emulator does not call MCP servers',
  },
  {
    isUsed: ({ context_management: management }) =>
      management?.edits?.some(({ type }) => type === 'compact_20260112') === true,
    notice: 'the emulator does not compact conversations',
  },
  {
    isUsed: ({ messages }) =>
      messages.some(({ content }) => typeof content !== 'string' && content.some(citesUnread)),
    notice: 'the emulator does not read PDFs and files: nothing of them is cited',
  },
  {
    isUsed: (request) => isGiven(getMember(request, 'diagnostics')),
    notice: 'the emulator does not diagnose cache misses',
  },
  {
    isUsed: ({ output_config: config }) => isGiven(getMember(config, 'task_budget')),
    notice: 'the emulator does not act out task budgets',
  },
  {
    isUsed: ({ messages }) => messages.some((message) => isGiven(getMember(message, 'clear_at'))),
    notice: 'the emulator does not clear system messages',
  },
  { isUsed: ({ container }) => isGiven(container), notice: 'the emulator keeps nothing in containers' },
]

/** Server tools that the emulator does not run, and the toolsets, whose inputs are not documented. */
const serverTools =
  /^(?!custom$)(?!(?:bash|text_editor|computer|memory|web_search|web_fetch|code_execution)_\d{8}$)/

/** Web tools that filter their results before the model sees them. */
const filtering = /^web_(?:search|fetch)_2026\d{4}$/

function citesUnread(block: InputBlock): boolean {
  if (block.type !== 'document' || block.citations?.enabled !== true) return false
  return block.source.type !== 'text' && block.source.type !== 'content'
}

function getMember(value: object | null | undefined, name: string): unknown {
  return Object.entries(value ?? {}).find(([member]) => member === name)?.[1]
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
