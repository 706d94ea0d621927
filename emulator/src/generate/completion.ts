import type { Citation, OutputBlock, StopDetails, StopReason } from '@anthology/wire'

import type { TextTokenizer } from '@anthology/catalog'

/** A generated answer before it is encoded as a message or as a stream: its blocks in chunks, and its stop reason. */
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

/** Each chunk is one token, the last may be shorter. */
export interface TextBlock {
  readonly kind: 'text'
  readonly chunks: readonly string[]
  /** Sent after the text. */
  readonly citations?: readonly Citation[]
}

export interface ThinkingBlock {
  readonly kind: 'thinking'
  /** The shown text, one token per chunk; empty if the display is `omitted`. */
  readonly chunks: readonly string[]
  /** The billed tokens of the whole thinking, however much of it is shown. */
  readonly hiddenTokens: number
  readonly signature: string
}

export interface ToolUseBlock {
  readonly kind: 'tool_use' | 'server_tool_use' | 'mcp_tool_use'
  readonly id: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  /** The JSON of the input, one chunk per delta. */
  readonly chunks: readonly string[]
  /** True: the JSON may be cut anywhere; false: only between members. */
  readonly isFineGrained: boolean
  /** The tokenizer of the model. */
  readonly tokenizer: TextTokenizer
  /** Further members: `caller`, in responses since 2026, and `server_name` of an MCP server's tool. */
  readonly members: object
}

/** Returns the tokens that a block adds to `output_tokens`. */
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
    case 'mcp_tool_use':
      return block.tokenizer.count(block.name) + block.tokenizer.count(block.chunks.join(''))
  }
}

/** Converts a block to its form in the message. */
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
    case 'mcp_tool_use':
      return toToolUse(block, block.input)
    case 'whole':
      return block.block
  }
}

/** Converts a call to its form in the message, or with an empty input to its form in the start event. */
export function toToolUse(
  { kind, id, name, members }: ToolUseBlock,
  input: ToolUseBlock['input'],
): OutputBlock {
  // `members` has the server's name where the kind needs it.
  return { type: kind, id, name, input, ...members } as OutputBlock
}
