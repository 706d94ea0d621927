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
import { listBlocks, isThought, turnStart } from '../thinking/turn.ts'
import { countBlockTokens, countJsonTokens, countToolTokens } from './block-tokens.ts'
import type { Surroundings } from './block-tokens.ts'
import { findMark } from './marks.ts'
import type { Markable } from './marks.ts'

/** The parts of a prompt in the order in which the model reads them. */
export type Level = 'tools' | 'system' | 'messages'

/** A piece of the prompt: a block, or a setting that stands before the blocks of its level. */
export interface Segment {
  readonly level: Level
  readonly tokens: number
  /** Whose the block is; '' for a setting. */
  readonly role: string
  /** Null for a setting. */
  readonly block: Markable | null
  /** What the setting is; null for a block. */
  readonly setting: unknown
  readonly cacheControl: CacheControl | null
  /** Thinking and empty text cannot carry a mark (docs.claude.com, build-with-claude/prompt-caching). */
  readonly isCacheable: boolean
}

/**
 * The whole prompt in order. Whatever invalidates a level stands before its blocks as a setting
 * (build-with-claude/prompt-caching, "What invalidates the cache"), so that a cached prefix needs
 * no further rule than to be the same.
 */
export function listSegments(request: MessagesRequest, around: Surroundings): readonly Segment[] {
  const { system = [], tools = [] } = request
  const loaded = tools.filter((tool) => !isDeferred(tool))
  const [searches, others] = [loaded.filter(isWebSearch), loaded.filter((tool) => !isWebSearch(tool))]
  const systemBlocks: readonly TextBlockParam[] =
    typeof system !== 'string' ? system : system === '' ? [] : [{ type: 'text', text: system }]
  return [
    settingSegment('tools', getSpeed(request, around)),
    ...others.map((tool) => toolSegment('tools', tool, around)),
    systemSetting(request, around),
    // To switch web search on or off leaves the cached tools what they are.
    ...searches.map((tool) => toolSegment('system', tool, around)),
    ...systemBlocks.map((block, index) => {
      const tokens = countBlockTokens(block, around) + (index === 0 ? systemTokens : 0)
      return blockSegment('system', { block, role: 'system', tokens })
    }),
    messagesSetting(request, around),
    ...messageSegments(request, around),
  ]
}

/** Tokens that tell the model where the system prompt and a turn begin (inferred). */
const systemTokens = 3
const turnTokens = 3

function settingSegment(level: Level, setting: unknown, tokens = 0): Segment {
  return { level, tokens, role: '', block: null, setting, cacheControl: null, isCacheable: false }
}

/** A format is told to the model in the system prompt (build-with-claude/structured-outputs). */
function systemSetting(
  { messages, output_config: config }: MessagesRequest,
  { tokenizer }: Surroundings,
): Segment {
  const format = config?.['format'] ?? null
  const content = [createBlockSegments(messages).some(citesSources), format]
  return settingSegment('system', content, format === null ? 0 : countJsonTokens(format, tokenizer))
}

/**
 * `tool_choice`, thinking, and whether there are images at all: more of them leave the cache what it
 * is, as in computer use (inferred). The prompt that tools bring along depends on `tool_choice`,
 * so it can only stand here.
 */
function messagesSetting(request: MessagesRequest, { model, day, tools }: Surroundings): Segment {
  const choice = tools.length > 0 ? (request.tool_choice ?? { type: 'auto' }) : null
  const thinking = readThinking(request, model, [])
  const hasImages = createBlockSegments(request.messages).some(isImage)
  const content = [choice, thinking?.type, thinking?.budgetTokens, hasImages]
  const isForced = choice?.type === 'any' || choice?.type === 'tool'
  const added = valueOn(model.toolPromptTokens, day) ?? model.toolPromptTokens[0]
  const tokens = choice === null || !added ? 0 : isForced ? (added.forced ?? added.auto) : added.auto
  return settingSegment('messages', content, tokens)
}

function toolSegment(level: Level, tool: Tool, around: Surroundings): Segment {
  return blockSegment(level, { block: tool, role: 'tool', tokens: countToolTokens(tool, around) })
}

function messageSegments(request: MessagesRequest, around: Surroundings): readonly Segment[] {
  const { messages } = request
  const readFrom = firstReadThinking(request, around)
  return messages.flatMap((message, index) => {
    const { role } = message
    const isTurn = messages[index - 1]?.role !== role
    const isRead = (block: InputBlock, at: number): boolean =>
      !isThought(block) || (index >= readFrom && !around.droppedPaths.has(`messages.${index}.content.${at}`))
    const blocks = listBlocks(message).filter(isRead)
    // A turn without a block is still a turn.
    if (blocks.length === 0) return isTurn ? [settingSegment('messages', role, turnTokens)] : []
    return blocks.map((block, at) => {
      const tokens = countBlockTokens(block, around) + (at === 0 && isTurn ? turnTokens : 0)
      return blockSegment('messages', { block, role, tokens })
    })
  })
}

/**
 * The message from which on the model reads its own thinking: of the current turn, or of all where
 * it keeps it; none when it does not think (build-with-claude/extended-thinking).
 */
function firstReadThinking(request: MessagesRequest, { model, thinkingFrom }: Surroundings): number {
  if (!readThinking(request, model, [])) return Infinity
  if (thinkingFrom !== null) return thinkingFrom
  return keepsEarlierThinking(model) ? 0 : turnStart(request.messages) + 1
}

interface Placed {
  readonly block: Markable
  readonly role: string
  readonly tokens: number
}

function blockSegment(level: Level, { block, role, tokens }: Placed): Segment {
  const isCacheable =
    block.type !== 'thinking' &&
    block.type !== 'redacted_thinking' &&
    !(block.type === 'text' && block.text === '')
  const cacheControl = isCacheable ? findMark(block) : null
  return { level, tokens, role, block, setting: null, cacheControl, isCacheable }
}

/** With `defer_loading` a tool is not in the prompt until a reference brings it in (agents-and-tools/tool-use). */
function isDeferred(tool: Tool): boolean {
  return 'defer_loading' in tool && tool.defer_loading === true
}

function isWebSearch({ type }: Tool): boolean {
  return type?.startsWith('web_search_') === true
}

/** All blocks of the conversation and those within the results of tools. */
function createBlockSegments(messages: readonly MessageParam[]): readonly InputBlock[] {
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
