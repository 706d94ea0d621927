import type { BlockDelta, Message, MessageDeltaUsage, OutputBlock, StreamEvent } from '@anthology/wire'

import type { MessageResult } from './message-result.ts'
import type { TimedEvent } from '../http/reply.ts'
import { toBlock, toToolUse } from '../generate/completion.ts'
import type { Completion, CompletionBlock, ThinkingBlock } from '../generate/completion.ts'

/**
 * Creates the stream events of a message, in the API's order (docs.claude.com, build-with-claude/streaming, Nov 2025):
 * the first `ping` follows the first block's start, and the usage of `message_delta` is cumulative.
 */
export function* createStreamEvents(message: MessageResult, { blocks }: Completion): Generator<TimedEvent> {
  yield now({ type: 'message_start', message: openMessage(message) })
  if (blocks.length === 0) yield now({ type: 'ping' })
  for (const [index, block] of blocks.entries()) {
    yield now({ type: 'content_block_start', index, content_block: openBlock(block) })
    if (index === 0) yield now({ type: 'ping' })
    for (const { delta, tokens } of createBlockDeltas(block))
      yield { event: { type: 'content_block_delta', index, delta }, tokens }
    yield { event: { type: 'content_block_stop', index }, tokens: isWhole(block) ? block.tokens : 0 }
  }
  const { stop_reason, stop_sequence, stop_details, container, context_management } = message
  yield now({
    type: 'message_delta',
    delta: {
      stop_reason,
      stop_sequence,
      ...(stop_details !== undefined && { stop_details }),
      ...(container && { container }),
    },
    usage: finalUsage(message),
    ...(context_management && { context_management }),
  })
  yield now({ type: 'message_stop' })
}

function openMessage({
  context_management: _edits,
  container: _container,
  ...message
}: MessageResult): Message {
  const { output_tokens_details: _thinking, server_tool_use: _tools, ...usage } = message.usage
  return {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...(message.stop_details !== undefined && { stop_details: null }),
    usage: { ...usage, output_tokens: 1 },
  }
}

function finalUsage({ usage }: Message): MessageDeltaUsage {
  const { output_tokens_details, server_tool_use } = usage
  return {
    input_tokens: usage.input_tokens,
    cache_creation_input_tokens: usage.cache_creation_input_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens,
    output_tokens: usage.output_tokens,
    ...(server_tool_use !== undefined && { server_tool_use }),
    ...(output_tokens_details !== undefined && { output_tokens_details }),
  }
}

/** A block that is sent in deltas starts empty; any other is complete in its start event. */
function openBlock(block: CompletionBlock): OutputBlock {
  switch (block.kind) {
    case 'text':
      return { type: 'text', text: '', ...(block.citations && { citations: [] }) }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return toToolUse(block, {})
    case 'redacted_thinking':
    case 'whole':
      return toBlock(block)
  }
}

function isWhole(block: CompletionBlock): block is Extract<CompletionBlock, { readonly tokens: number }> {
  return block.kind === 'redacted_thinking' || block.kind === 'whole'
}

interface TimedDelta {
  readonly delta: BlockDelta
  readonly tokens: number
}

function* createBlockDeltas(block: CompletionBlock): Generator<TimedDelta> {
  switch (block.kind) {
    case 'text':
      for (const { text, tokens } of group(block.chunks))
        yield { delta: { type: 'text_delta', text }, tokens }
      for (const citation of block.citations ?? [])
        yield { delta: { type: 'citations_delta', citation }, tokens: 0 }
      return
    case 'thinking':
      yield* createThinkingDeltas(block)
      return
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      // The first delta is empty, as in the API; the start event has the name.
      yield {
        delta: { type: 'input_json_delta', partial_json: '' },
        tokens: block.tokenizer.count(block.name),
      }
      for (const chunk of block.chunks)
        yield {
          delta: { type: 'input_json_delta', partial_json: chunk },
          tokens: block.tokenizer.count(chunk),
        }
      return
    case 'redacted_thinking':
    case 'whole':
  }
}

/** The time for thinking that is not shown passes before the signature. */
function* createThinkingDeltas({ chunks, hiddenTokens, signature }: ThinkingBlock): Generator<TimedDelta> {
  for (const { text, tokens } of group(chunks))
    yield { delta: { type: 'thinking_delta', thinking: text }, tokens }
  const tokens = Math.max(0, hiddenTokens - chunks.length)
  yield { delta: { type: 'signature_delta', signature }, tokens }
}

/** The first delta has one token, later ones a few, as in the API. */
const tokensPerDelta = [1, 2, 4, 3, 5, 3] as const

function* group(chunks: readonly string[]): Generator<{ readonly text: string; readonly tokens: number }> {
  let delta = 0
  for (let at = 0; at < chunks.length; delta += 1) {
    const tokens = tokensPerDelta[Math.min(delta, 1 + (delta % (tokensPerDelta.length - 1)))] ?? 1
    yield { text: chunks.slice(at, at + tokens).join(''), tokens }
    at += tokens
  }
}

function now(event: StreamEvent): TimedEvent {
  return { event, tokens: 0 }
}
