import type { Message, StreamEvent } from '@anthology/wire'

import type { TimedEvent } from './reply.ts'
import type { Utterance } from './utterance.ts'

/**
 * Tells a message as the events of a stream, in the service's order (docs.claude.com,
 * build-with-claude/streaming, Nov 2025): the first `ping` follows the first block's start,
 * and the usage of `message_delta` is cumulative.
 */
export function* narrate(message: Message, { pieces, outputTokens }: Utterance): Generator<TimedEvent> {
  const { stop_reason, stop_sequence, usage } = message
  yield now({
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    },
  })
  if (message.content.length > 0) {
    yield now({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
    yield now({ type: 'ping' })
    yield* narrateText(pieces)
    yield now({ type: 'content_block_stop', index: 0 })
  } else yield now({ type: 'ping' })
  yield now({
    type: 'message_delta',
    delta: { stop_reason, stop_sequence },
    usage: {
      input_tokens: usage.input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens,
      cache_read_input_tokens: usage.cache_read_input_tokens,
      output_tokens: outputTokens,
    },
  })
  yield now({ type: 'message_stop' })
}

/** The first delta is a single token; later ones carry a few, as the service's do. */
const tokensPerDelta = [1, 2, 4, 3, 5, 3] as const

function* narrateText(pieces: readonly string[]): Generator<TimedEvent> {
  let delta = 0
  for (let at = 0; at < pieces.length; delta += 1) {
    const tokens = tokensPerDelta[Math.min(delta, 1 + (delta % (tokensPerDelta.length - 1)))] ?? 1
    const text = pieces.slice(at, at + tokens).join('')
    at += tokens
    yield { event: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, tokens }
  }
}

function now(event: StreamEvent): TimedEvent {
  return { event, tokens: 0 }
}
