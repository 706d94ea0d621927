import type { Citation, OutputBlock } from './content-block.ts'
import type { Message, MessageUsage, StopDetails, StopReason } from './message.ts'

/**
 * The events of a streamed response (docs.claude.com, build-with-claude/streaming, Nov 2025):
 * `message_start`, then per block `content_block_start`, deltas and `content_block_stop`, then
 * `message_delta` and `message_stop`. `ping` and `error` may occur anywhere.
 */
export type StreamEvent =
  | { readonly type: 'message_start'; readonly message: Message }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: OutputBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'message_delta'; readonly delta: MessageDelta; readonly usage: MessageDeltaUsage }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | { readonly type: 'error'; readonly error: { readonly type: string; readonly message: string } }

export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'citations_delta'; readonly citation: Citation }

export interface MessageDelta {
  readonly stop_reason: StopReason | null
  readonly stop_sequence: string | null
  readonly stop_details?: StopDetails | null
}

/** Cumulative counts: always `output_tokens`, the others if they are known. */
export type MessageDeltaUsage = Pick<MessageUsage, 'output_tokens'> & {
  readonly [Field in keyof Omit<MessageUsage, 'output_tokens'>]?: MessageUsage[Field]
}
