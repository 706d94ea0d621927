import type { MessageParam, MessagesRequest } from '@anthology/wire'

/**
 * What of a request is taken but not acted out by this voice. It is said in the notice header,
 * never left unsaid.
 */
export function listUnacted(request: MessagesRequest): readonly string[] {
  return unacted.filter(({ isAsked }) => isAsked(request)).map(({ notice }) => notice)
}

const unacted: readonly {
  readonly isAsked: (request: MessagesRequest) => boolean
  readonly notice: string
}[] = [
  {
    isAsked: ({ thinking }) => thinking !== undefined && thinking.type !== 'disabled',
    notice: 'the emulator does not act out thinking: the answer has no thinking blocks',
  },
  {
    isAsked: ({ tools = [], tool_choice: choice }) => tools.length > 0 && choice?.type !== 'none',
    notice: 'the emulator does not act out tool calls: the answer is text',
  },
  {
    isAsked: ({ mcp_servers: servers = [] }) => servers.length > 0,
    notice: 'the emulator does not call MCP servers',
  },
  { isAsked: marksCache, notice: 'the emulator does not act out prompt caching: nothing is cached' },
  {
    isAsked: ({ context_management: management }) => isGiven(management),
    notice: 'the emulator does not act out context management: nothing is cleared',
  },
  {
    isAsked: ({ output_config: config }) => isGiven(config?.['format']),
    notice: 'the emulator does not act out structured outputs: the answer is prose',
  },
  { isAsked: ({ container }) => isGiven(container), notice: 'the emulator has no containers' },
  { isAsked: ({ speed }) => speed === 'fast', notice: 'the emulator does not act out fast mode' },
]

function marksCache({ cache_control: automatic, system, tools = [], messages }: MessagesRequest): boolean {
  return (
    isGiven(automatic) ||
    tools.some(isMarked) ||
    (Array.isArray(system) && system.some(isMarked)) ||
    messages.some(({ content }) => hasMarkedBlock(content))
  )
}

function hasMarkedBlock(content: MessageParam['content']): boolean {
  return typeof content !== 'string' && content.some(isMarked)
}

function isMarked(part: { readonly type?: string | null }): boolean {
  return 'cache_control' in part && isGiven(part.cache_control)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
