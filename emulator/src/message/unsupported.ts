import type { InputBlock, MessagesRequest } from '@anthology/wire'

import { isCalledDirectly } from '../server-tools/server-tool.ts'

/**
 * What of a request is taken but not acted out by this voice. It is said in the notice header,
 * never left unsaid.
 */
export function listUnsupported(request: MessagesRequest): readonly string[] {
  return unsupported.filter(({ isAsked }) => isAsked(request)).map(({ notice }) => notice)
}

const unsupported: readonly {
  readonly isAsked: (request: MessagesRequest) => boolean
  readonly notice: string
}[] = [
  {
    isAsked: ({ tools = [] }) => tools.some(({ type }) => typeof type === 'string' && serverTools.test(type)),
    notice: 'the emulator does not run tool search, advisors and toolsets: none is called',
  },
  {
    isAsked: ({ tools = [] }) => tools.some((tool) => !isCalledDirectly(tool)),
    notice: 'the emulator does not call tools from code',
  },
  {
    isAsked: ({ tools = [] }) => tools.some(({ type }) => typeof type === 'string' && filtering.test(type)),
    notice: 'the emulator does not filter web results by code: its web tools are called directly',
  },
  {
    isAsked: ({ mcp_servers: servers = [] }) => servers.length > 0,
    notice: 'the emulator does not call MCP servers',
  },
  {
    isAsked: ({ context_management: management }) =>
      management?.edits?.some(({ type }) => type === 'compact_20260112') === true,
    notice: 'the emulator does not compact conversations',
  },
  {
    isAsked: ({ messages }) =>
      messages.some(({ content }) => typeof content !== 'string' && content.some(citesUnread)),
    notice: 'the emulator does not read PDFs and files: nothing of them is cited',
  },
  {
    isAsked: (request) => isGiven(getMember(request, 'diagnostics')),
    notice: 'the emulator does not diagnose cache misses',
  },
  {
    isAsked: ({ output_config: config }) => isGiven(getMember(config, 'task_budget')),
    notice: 'the emulator does not act out task budgets',
  },
  {
    isAsked: ({ messages }) => messages.some((message) => isGiven(getMember(message, 'clear_at'))),
    notice: 'the emulator does not clear system messages',
  },
  { isAsked: ({ container }) => isGiven(container), notice: 'the emulator keeps nothing in containers' },
]

/** Tools that run at the service and are not acted out, and the toolsets, whose inputs are not documented. */
const serverTools =
  /^(?!custom$)(?!(?:bash|text_editor|computer|memory|web_search|web_fetch|code_execution)_\d{8}$)/

/** Web tools that filter what they find before the model sees it. */
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
