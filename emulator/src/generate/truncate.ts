import type { StopReason } from '@anthology/wire'

import { tokensOf } from './completion.ts'
import type { Script, ScriptBlock, TextScript } from './completion.ts'
import type { Tokenizer } from './tokenizer.ts'
import { cutToolUse } from '../tools/cut.ts'

/** A block that is yet to be cut. A speech may be endless: no more of it is made than is needed. */
export type Draft = ScriptBlock | { readonly kind: 'speech'; readonly parts: Iterable<string> }

export interface UtteranceLimits {
  readonly maxTokens: number
  /** What an answer that is longer than `maxTokens` ends with. */
  readonly cutReason: StopReason
  /** What an answer that is told to its end ends with where it calls no tool; default `end_turn`. */
  readonly endReason?: StopReason
  readonly stopSequences: readonly string[]
  /** Of the model that speaks. */
  readonly tokenizer: Tokenizer
}

/** Cuts an answer in the order of its tokens: where they run out, and where a stop sequence is complete. */
export function utter(drafts: Iterable<Draft>, limits: UtteranceLimits): Script {
  const { blocks, isCut } = cutToTokens(drafts, limits)
  const stop = findStopInBlocks(blocks, limits.stopSequences)
  if (stop) return scriptOf(endAtStop(blocks, stop))
  if (isCut) {
    const unspokenTokens = limits.maxTokens - sumTokens(blocks)
    return scriptOf({ blocks, stopReason: limits.cutReason, stopSequence: null, unspokenTokens })
  }
  const stopReason = blocks.some(isCall) ? 'tool_use' : (limits.endReason ?? 'end_turn')
  return scriptOf({ blocks, stopReason, stopSequence: null, unspokenTokens: 0 })
}

interface Ending {
  readonly blocks: readonly ScriptBlock[]
  readonly stopReason: StopReason
  readonly stopSequence: string | null
  /** Tokens that were made, though they are not handed over. */
  readonly unspokenTokens: number
}

function scriptOf({ blocks, stopReason, stopSequence, unspokenTokens }: Ending): Script {
  const thoughts = blocks.filter(({ kind }) => kind === 'thinking' || kind === 'redacted_thinking')
  return {
    blocks,
    stopReason,
    stopSequence,
    stopDetails: null,
    outputTokens: Math.max(1, sumTokens(blocks) + unspokenTokens),
    thinkingTokens: sumTokens(thoughts),
  }
}

function sumTokens(blocks: readonly ScriptBlock[]): number {
  return blocks.reduce((total, block) => total + tokensOf(block), 0)
}

function isCall({ kind }: ScriptBlock): boolean {
  return kind === 'tool_use'
}

interface CutBlocks {
  readonly blocks: readonly ScriptBlock[]
  readonly isCut: boolean
}

function cutToTokens(drafts: Iterable<Draft>, { maxTokens, tokenizer }: UtteranceLimits): CutBlocks {
  const blocks: ScriptBlock[] = []
  let left = maxTokens
  for (const draft of drafts) {
    const block = draft.kind === 'speech' ? speak(draft.parts, left, tokenizer) : draft
    const tokens = tokensOf(block)
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

/** Takes from `parts` no more than it needs to know that they are longer than `maxTokens`. */
function speak(parts: Iterable<string>, maxTokens: number, tokenizer: Tokenizer): TextScript {
  const pieces: string[] = []
  for (const part of parts) {
    for (const piece of tokenizer.split(part)) pieces.push(piece)
    if (pieces.length > maxTokens) break
  }
  return { kind: 'text', pieces }
}

/**
 * What there is of a block after so many of its tokens; null for nothing. Thinking and results are
 * there whole or not at all, for a signature is over the whole.
 */
function cutBlock(block: ScriptBlock, tokens: number): ScriptBlock | null {
  if (tokens === 0) return null
  if (block.kind === 'text') return { kind: 'text', pieces: block.pieces.slice(0, tokens) }
  if (block.kind === 'tool_use' || block.kind === 'server_tool_use')
    return cutToolUse(block, tokens - block.tokenizer.count(block.name))
  return null
}

interface Stop {
  readonly sequence: string
  readonly start: number
  readonly end: number
}

/** A stop, and the run of text blocks, from and to, whose joined text it is in. */
interface PlacedStop extends Stop {
  readonly from: number
}

/** Texts that follow each other are one text to the model, however many blocks they are in. */
function findStopInBlocks(blocks: readonly ScriptBlock[], sequences: readonly string[]): PlacedStop | null {
  if (sequences.length === 0) return null
  for (let from = 0; from < blocks.length; from += 1) {
    let text = ''
    let to = from
    for (; blocks[to]?.kind === 'text'; to += 1) text += textOf(blocks[to])
    const stop = findStop(text, sequences)
    if (stop) return { ...stop, from }
    from = to
  }
  return null
}

function textOf(block: ScriptBlock | undefined): string {
  return block?.kind === 'text' ? block.pieces.join('') : ''
}

/** The sequence that is complete first, as a model would notice it while it speaks. */
function findStop(text: string, sequences: readonly string[]): Stop | null {
  let first: Stop | null = null
  for (const sequence of sequences) {
    const start = text.indexOf(sequence)
    const end = start + sequence.length
    // Of two that end together the longer one leaves less behind.
    const isFirst = first === null || end < first.end || (end === first.end && start < first.start)
    if (start >= 0 && isFirst) first = { sequence, start, end }
  }
  return first
}

function endAtStop(blocks: readonly ScriptBlock[], stop: PlacedStop): Ending {
  const kept: ScriptBlock[] = blocks.slice(0, stop.from)
  let unspokenTokens = 0
  let at = 0
  for (const block of blocks.slice(stop.from)) {
    if (at >= stop.end || block.kind !== 'text') break
    const pieces: string[] = []
    for (const piece of block.pieces) {
      if (at >= stop.end) break
      if (at < stop.start) pieces.push(piece.slice(0, stop.start - at))
      else unspokenTokens += 1
      at += piece.length
    }
    // What it cites is told when it is whole.
    if (pieces.length > 0) kept.push(at <= stop.start ? block : { kind: 'text', pieces })
  }
  return { blocks: kept, stopReason: 'stop_sequence', stopSequence: stop.sequence, unspokenTokens }
}
