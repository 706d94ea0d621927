import type { OutputBlock } from '../../src/messages/content-block.ts'
import type { Message } from '../../src/messages/message.ts'
import type { BlockDelta, StreamEvent } from '../../src/messages/stream-event.ts'

/** The events of the message, with its texts in deltas of `pieceLength` characters. */
export function getEvents(message: Message, pieceLength: number): readonly StreamEvent[] {
  const { output_tokens, ...prompt } = message.usage
  return [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...prompt, output_tokens: 1 },
      },
    },
    { type: 'ping' },
    ...message.content.flatMap((block, index): readonly StreamEvent[] => [
      { type: 'content_block_start', index, content_block: createStart(block) },
      ...getDeltas(block, pieceLength).map(
        (delta) => ({ type: 'content_block_delta', index, delta }) as const,
      ),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason, stop_sequence: message.stop_sequence },
      usage: { output_tokens },
    },
    { type: 'message_stop' },
  ]
}

function createStart(block: OutputBlock): OutputBlock {
  if (block.type === 'text') return { type: 'text', text: '' }
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' }
  return block.type === 'tool_use' ? { ...block, input: {} } : block
}

function getDeltas(block: OutputBlock, pieceLength: number): readonly BlockDelta[] {
  if (block.type === 'thinking')
    return [
      ...pieces(block.thinking, pieceLength).map(
        (thinking) => ({ type: 'thinking_delta', thinking }) as const,
      ),
      { type: 'signature_delta', signature: block.signature },
    ]
  if (block.type === 'tool_use')
    return ['', ...pieces(JSON.stringify(block.input), pieceLength)].map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    }))
  if (block.type !== 'text') return []
  return [
    ...(block.citations ?? []).map((citation) => ({ type: 'citations_delta', citation }) as const),
    ...pieces(block.text, pieceLength).map((text) => ({ type: 'text_delta', text }) as const),
  ]
}

function pieces(text: string, length: number): readonly string[] {
  const count = Math.ceil(text.length / length)
  return Array.from({ length: count }, (_, index) => text.slice(index * length, (index + 1) * length))
}
