import type { Citation, OutputBlock, StopDetails, StopReason } from '@anthology/wire'

import type { CallerMember } from '../tools/caller.ts'
import type { Tokenizer } from './tokenizer.ts'

/** An answer before it is told, whole or as a stream: its blocks in pieces, and how it ends. */
export interface Completion {
  readonly blocks: readonly CompletionBlock[]
  readonly stopReason: StopReason
  readonly stopSequence: string | null
  readonly stopDetails: StopDetails | null
  /** At least 1. Includes hidden thinking, and the tokens that spelled a stop sequence. */
  readonly outputTokens: number
  /** The part of `outputTokens` that was thinking. */
  readonly thinkingTokens: number
}

export type CompletionBlock =
  | TextBlock
  | ThinkingBlock
  | { readonly kind: 'redacted_thinking'; readonly data: string; readonly tokens: number }
  | ToolUseBlock
  | { readonly kind: 'whole'; readonly block: OutputBlock; readonly tokens: number }

/** Each piece is one token's worth, the last may be less. */
export interface TextBlock {
  readonly kind: 'text'
  readonly chunks: readonly string[]
  /** Told when the text has been told. */
  readonly citations?: readonly Citation[]
}

export interface ThinkingBlock {
  readonly kind: 'thinking'
  /** What is shown of it, a token a piece; none where the display is `omitted`. */
  readonly chunks: readonly string[]
  /** What the whole thinking is billed as, however much of it is shown. */
  readonly hiddenTokens: number
  readonly signature: string
}

export interface ToolUseBlock {
  readonly kind: 'tool_use' | 'server_tool_use'
  readonly id: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** They join to the JSON of the input; each is what one delta carries. */
  readonly chunks: readonly string[]
  /** Its JSON may break off anywhere, else only between members. */
  readonly isFineGrained: boolean
  /** Of the model that calls. */
  readonly tokenizer: Tokenizer
  /** The member that says who calls, in answers of 2026. */
  readonly caller: CallerMember
}

/** What a block adds to `output_tokens`. */
export function getOutputTokens(block: CompletionBlock): number {
  switch (block.kind) {
    case 'text':
      return block.chunks.length
    case 'thinking':
      return block.hiddenTokens
    case 'redacted_thinking':
    case 'whole':
      return block.tokens
    case 'tool_use':
    case 'server_tool_use':
      return block.tokenizer.count(block.name) + block.tokenizer.count(block.chunks.join(''))
  }
}

/** The block as it stands in the message. */
export function toBlock(block: CompletionBlock): OutputBlock {
  switch (block.kind) {
    case 'text': {
      const { chunks, citations } = block
      return { type: 'text', text: chunks.join(''), ...(citations && { citations }) }
    }
    case 'thinking':
      return { type: 'thinking', thinking: block.chunks.join(''), signature: block.signature }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: block.data }
    case 'tool_use':
    case 'server_tool_use':
      return { type: block.kind, id: block.id, name: block.name, input: block.input, ...block.caller }
    case 'whole':
      return block.block
  }
}
