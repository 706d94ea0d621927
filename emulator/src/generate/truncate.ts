import type { StopReason } from '@anthology/wire'

import { getOutputTokens } from './completion.ts'
import type { Completion, CompletionBlock, TextBlock, ToolUseBlock } from './completion.ts'
import type { TextTokenizer } from '@anthology/catalog'
import { truncateToolUse } from '../tools/truncate-tool-use.ts'

/** A block before truncation. A text draft may be endless: only the needed part is generated. */
export type DraftBlock = CompletionBlock | { readonly kind: 'text_draft'; readonly parts: Iterable<string> }

export interface TruncateLimits {
  readonly maxTokens: number
  /** The stop reason of an answer that exceeds `maxTokens`. */
  readonly cutReason: StopReason
  /** The stop reason of a complete answer without a tool call; default `end_turn`. */
  readonly endReason?: StopReason
  readonly stopSequences: readonly string[]
  /** The tokenizer of the model. */
  readonly tokenizer: TextTokenizer
}

/** Truncates an answer at `maxTokens`, or at the first complete stop sequence. */
export function truncate(drafts: Iterable<DraftBlock>, limits: TruncateLimits): Completion {
  const { blocks, isCut } = cutToTokens(drafts, limits)
  const stop = findStopInBlocks(blocks, limits.stopSequences)
  if (stop) return createCompletion(endAtStop(blocks, stop))
  if (isCut) {
    const discardedTokens = limits.maxTokens - sumTokens(blocks)
    return createCompletion({ blocks, stopReason: limits.cutReason, stopSequence: null, discardedTokens })
  }
  const stopReason = blocks.some(isCall) ? 'tool_use' : (limits.endReason ?? 'end_turn')
  return createCompletion({ blocks, stopReason, stopSequence: null, discardedTokens: 0 })
}

interface Ending {
  readonly blocks: readonly CompletionBlock[]
  readonly stopReason: StopReason
  readonly stopSequence: string | null
  /** Tokens that were generated but are not part of the answer. */
  readonly discardedTokens: number
}

function createCompletion({ blocks, stopReason, stopSequence, discardedTokens }: Ending): Completion {
  const thoughts = blocks.filter(({ kind }) => kind === 'thinking' || kind === 'redacted_thinking')
  return {
    blocks,
    stopReason,
    stopSequence,
    stopDetails: null,
    outputTokens: Math.max(1, sumTokens(blocks) + discardedTokens),
    thinkingTokens: sumTokens(thoughts),
  }
}

function sumTokens(blocks: readonly CompletionBlock[]): number {
  return blocks.reduce((total, block) => total + getOutputTokens(block), 0)
}

function isCall({ kind }: CompletionBlock): boolean {
  return kind === 'tool_use'
}

function isAnyCall(block: CompletionBlock): block is ToolUseBlock {
  return block.kind === 'tool_use' || block.kind === 'server_tool_use' || block.kind === 'mcp_tool_use'
}

interface CutBlocks {
  readonly blocks: readonly CompletionBlock[]
  readonly isCut: boolean
}

function cutToTokens(drafts: Iterable<DraftBlock>, { maxTokens, tokenizer }: TruncateLimits): CutBlocks {
  const blocks: CompletionBlock[] = []
  let left = maxTokens
  for (const draft of drafts) {
    const block = draft.kind === 'text_draft' ? takeText(draft.parts, left, tokenizer) : draft
    const tokens = getOutputTokens(block)
    if (tokens > left) {
      const rest = cutBlock(block, left)
      if (rest) blocks.push(rest)
      return { blocks, isCut: true }
    }
    // A text block is never empty (docs.claude.com, api/messages).
    if (block.kind !== 'text' || tokens > 0) blocks.push(block)
    left -= tokens
  }
  return { blocks, isCut: false }
}

/** Reads `parts` only until they exceed `maxTokens`. */
function takeText(parts: Iterable<string>, maxTokens: number, tokenizer: TextTokenizer): TextBlock {
  const chunks: string[] = []
  for (const part of parts) {
    for (const chunk of tokenizer.split(part)) chunks.push(chunk)
    if (chunks.length > maxTokens) break
  }
  return { kind: 'text', chunks }
}

/**
 * Truncates a block to a number of tokens; null if nothing is left. Thinking and results are complete or absent, because
 * a signature covers the whole block.
 */
function cutBlock(block: CompletionBlock, tokens: number): CompletionBlock | null {
  if (tokens === 0) return null
  if (block.kind === 'text') return { kind: 'text', chunks: block.chunks.slice(0, tokens) }
  if (isAnyCall(block)) return truncateToolUse(block, tokens - block.tokenizer.count(block.name))
  return null
}

interface Stop {
  readonly sequence: string
  readonly start: number
  readonly end: number
}

/** A stop in the joined text of a run of text blocks. */
interface PlacedStop extends Stop {
  /** The index of the run's first block. */
  readonly from: number
}

/** Adjacent text blocks are one text to the model, so a stop sequence may span them. */
function findStopInBlocks(
  blocks: readonly CompletionBlock[],
  sequences: readonly string[],
): PlacedStop | null {
  if (sequences.length === 0) return null
  for (let from = 0; from < blocks.length; from += 1) {
    let text = ''
    let to = from
    for (; blocks[to]?.kind === 'text'; to += 1) text += getText(blocks[to])
    const stop = findStop(text, sequences)
    if (stop) return { ...stop, from }
    from = to
  }
  return null
}

function getText(block: CompletionBlock | undefined): string {
  return block?.kind === 'text' ? block.chunks.join('') : ''
}

/** Returns the sequence that is complete first, as a model would detect it while it generates. */
function findStop(text: string, sequences: readonly string[]): Stop | null {
  let first: Stop | null = null
  for (const sequence of sequences) {
    const start = text.indexOf(sequence)
    const end = start + sequence.length
    // If two end at the same position, the longer one wins.
    const isFirst = first === null || end < first.end || (end === first.end && start < first.start)
    if (start >= 0 && isFirst) first = { sequence, start, end }
  }
  return first
}

function endAtStop(blocks: readonly CompletionBlock[], stop: PlacedStop): Ending {
  const kept: CompletionBlock[] = blocks.slice(0, stop.from)
  let discardedTokens = 0
  let at = 0
  for (const block of blocks.slice(stop.from)) {
    if (at >= stop.end || block.kind !== 'text') break
    const chunks: string[] = []
    for (const chunk of block.chunks) {
      if (at >= stop.end) break
      if (at < stop.start) chunks.push(chunk.slice(0, stop.start - at))
      else discardedTokens += 1
      at += chunk.length
    }
    // Citations are kept only if the text is complete.
    if (chunks.length > 0) kept.push(at <= stop.start ? block : { kind: 'text', chunks })
  }
  return { blocks: kept, stopReason: 'stop_sequence', stopSequence: stop.sequence, discardedTokens }
}
