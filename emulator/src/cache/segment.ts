import { valueOn } from '@anthology/catalog'
import type {
  CacheControl,
  InputBlock,
  MessageParam,
  MessagesRequest,
  TextBlockParam,
  Tool,
} from '@anthology/wire'

import { getSpeed } from '../capacity/speed.ts'
import { readThinking } from '../thinking/mode.ts'
import { keepsEarlierThinking } from '../thinking/preservation.ts'
import { listBlocks, isThought, findTurnStart } from '../thinking/turn.ts'
import { countBlockTokens, countJsonTokens, countToolTokens } from './block-tokens.ts'
import type { TokenContext } from './block-tokens.ts'
import { findCacheControl } from './cache-control.ts'
import type { CacheableBlock } from './cache-control.ts'

/** The parts of a prompt in the order in which the model reads them. */
export type Level = 'tools' | 'system' | 'messages'

/** A part of the prompt: a block, or a setting that precedes the blocks of its level. */
export interface Segment {
  readonly level: Level
  readonly tokens: number
  /** The role of the block; '' for a setting. */
  readonly role: string
  /** Null for a setting. */
  readonly block: CacheableBlock | null
  /** The value of the setting; null for a block. */
  readonly setting: unknown
  readonly cacheControl: CacheControl | null
  /** False for thinking and empty text (docs.claude.com, build-with-claude/prompt-caching). */
  readonly isCacheable: boolean
}

/**
 * Lists the whole prompt in order. Every option that invalidates a level precedes its blocks as a setting
 * (build-with-claude/prompt-caching, "What invalidates the cache"), so prefix equality is the only rule for a cache hit.
 */
export function listSegments(request: MessagesRequest, context: TokenContext): readonly Segment[] {
  const { system = [], tools = [] } = request
  const loaded = tools.filter((tool) => !isDeferred(tool))
  const [searches, others] = [loaded.filter(isWebSearch), loaded.filter((tool) => !isWebSearch(tool))]
  const systemBlocks: readonly TextBlockParam[] =
    typeof system !== 'string' ? system : system === '' ? [] : [{ type: 'text', text: system }]
  return [
    createSettingSegment('tools', getSpeed(request, context)),
    ...others.map((tool) => createToolSegment('tools', tool, context)),
    createSystemSetting(request, context),
    // Switching web search on or off does not invalidate the cached tools.
    ...searches.map((tool) => createToolSegment('system', tool, context)),
    ...systemBlocks.map((block, index) => {
      const tokens = countBlockTokens(block, context) + (index === 0 ? systemTokens : 0)
      return createBlockSegment('system', { block, role: 'system', tokens })
    }),
    createMessagesSetting(request, context),
    ...createMessageSegments(request, context),
  ]
}

/** Tokens that mark the start of the system prompt and of a turn (inferred). */
const systemTokens = 3
const turnTokens = 3

function createSettingSegment(level: Level, setting: unknown, tokens = 0): Segment {
  return { level, tokens, role: '', block: null, setting, cacheControl: null, isCacheable: false }
}

/** An output format is part of the system prompt (build-with-claude/structured-outputs). */
function createSystemSetting(
  { messages, output_config: config }: MessagesRequest,
  { tokenizer }: TokenContext,
): Segment {
  const format = config?.['format'] ?? null
  const content = [listAllBlocks(messages).some(citesSources), format]
  return createSettingSegment('system', content, format === null ? 0 : countJsonTokens(format, tokenizer))
}

/**
 * The setting of the messages level: `tool_choice`, thinking, and whether there are any images; additional images do not
 * invalidate the cache, as in computer use (inferred). The tokens of the tool prompt depend on `tool_choice`, so they
 * are counted here.
 */
function createMessagesSetting(request: MessagesRequest, { model, day, tools }: TokenContext): Segment {
  const choice = tools.length > 0 ? (request.tool_choice ?? { type: 'auto' }) : null
  const thinking = readThinking(request, model, [])
  const hasImages = listAllBlocks(request.messages).some(isImage)
  const content = [choice, thinking?.type, thinking?.budgetTokens, hasImages]
  const isForced = choice?.type === 'any' || choice?.type === 'tool'
  const added = valueOn(model.toolPromptTokens, day) ?? model.toolPromptTokens[0]
  const tokens = choice === null || !added ? 0 : isForced ? (added.forced ?? added.auto) : added.auto
  return createSettingSegment('messages', content, tokens)
}

function createToolSegment(level: Level, tool: Tool, context: TokenContext): Segment {
  return createBlockSegment(level, { block: tool, role: 'tool', tokens: countToolTokens(tool, context) })
}

function createMessageSegments(request: MessagesRequest, context: TokenContext): readonly Segment[] {
  const { messages } = request
  const readFrom = findFirstReadThinking(request, context)
  return messages.flatMap((message, index) => {
    const { role } = message
    const isTurn = messages[index - 1]?.role !== role
    const isRead = (block: InputBlock, at: number): boolean =>
      !isThought(block) || (index >= readFrom && !context.droppedPaths.has(`messages.${index}.content.${at}`))
    const blocks = listBlocks(message).filter(isRead)
    // A turn without blocks still counts.
    if (blocks.length === 0) return isTurn ? [createSettingSegment('messages', role, turnTokens)] : []
    return blocks.map((block, at) => {
      const tokens = countBlockTokens(block, context) + (at === 0 && isTurn ? turnTokens : 0)
      return createBlockSegment('messages', { block, role, tokens })
    })
  })
}

/**
 * Returns the first message whose thinking the model reads: of the current turn, or the first of all if the model keeps
 * thinking; Infinity if the call does not think (build-with-claude/extended-thinking).
 */
function findFirstReadThinking(request: MessagesRequest, { model, thinkingFrom }: TokenContext): number {
  if (!readThinking(request, model, [])) return Infinity
  if (thinkingFrom !== null) return thinkingFrom
  return keepsEarlierThinking(model) ? 0 : findTurnStart(request.messages) + 1
}

interface SegmentBlock {
  readonly block: CacheableBlock
  readonly role: string
  readonly tokens: number
}

function createBlockSegment(level: Level, { block, role, tokens }: SegmentBlock): Segment {
  const isCacheable =
    block.type !== 'thinking' &&
    block.type !== 'redacted_thinking' &&
    !(block.type === 'text' && block.text === '')
  const cacheControl = isCacheable ? findCacheControl(block) : null
  return { level, tokens, role, block, setting: null, cacheControl, isCacheable }
}

/** A tool with `defer_loading` is not in the prompt until a reference loads it (agents-and-tools/tool-use). */
function isDeferred(tool: Tool): boolean {
  return 'defer_loading' in tool && tool.defer_loading === true
}

function isWebSearch({ type }: Tool): boolean {
  return type?.startsWith('web_search_') === true
}

/** Lists all blocks of the conversation, including those inside tool results. */
function listAllBlocks(messages: readonly MessageParam[]): readonly InputBlock[] {
  return messages
    .filter(({ content }) => typeof content !== 'string')
    .flatMap(listBlocks)
    .flatMap((block) =>
      block.type === 'tool_result' && Array.isArray(block.content) ? [block, ...block.content] : block,
    )
}

function isImage({ type }: InputBlock): boolean {
  return type === 'image'
}

function citesSources(block: InputBlock): boolean {
  return (block.type === 'document' || block.type === 'search_result') && block.citations?.enabled === true
}
