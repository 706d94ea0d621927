import { decodeSse } from '@anthology/wire'
import type { InvocationMetrics, InvokeStreamEncoder, StreamEvent } from '@anthology/wire'

import { createRandom, computeFingerprint } from '../../random.ts'
import type { Frame } from '../../http/reply.ts'

/** A stream of the Messages API in messages of AWS; the last one carries what was counted. */
export function* reframe(
  frames: Iterator<Frame>,
  encoder: InvokeStreamEncoder,
  elapsedMs: () => number,
): Generator<Frame, void> {
  const counter = createCounter(elapsedMs)
  for (const { bytes, tokens, events } of readEvents(frames)) {
    for (const event of events) counter.add(event)
    const framed = encoder.encode(bytes, counter.metrics())
    if (framed.length > 0 || tokens > 0) yield { bytes: framed, tokens }
  }
}

/** The frames of a stream with the events that stand in them. */
export function* readEvents(
  frames: Iterator<Frame>,
): Generator<Frame & { readonly events: readonly StreamEvent[] }, void> {
  for (let next = frames.next(); !next.done; next = frames.next()) {
    // The emulator's own events, as it wrote them a moment ago.
    const events = decodeSse(next.value.bytes).map(({ data }) => JSON.parse(data) as StreamEvent)
    yield { ...next.value, events }
  }
}

/** How much padding each message of a stream gets: another length each, the same again for the same request. */
export function createPadding(requestId: string): () => number {
  const random = createRandom(computeFingerprint('padding', requestId))
  return () => random.below(paddingLetters.length + 1)
}

/** What padding is cut from. */
export const paddingLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

interface Counter {
  add(event: StreamEvent): void
  metrics(): InvocationMetrics
}

/** Adds up what Bedrock says of a stream in its last event; the usage of later events replaces that of earlier ones. */
function createCounter(elapsedMs: () => number): Counter {
  let [input, output, cacheRead, cacheWrite] = [0, 0, 0, 0]
  let firstByteMs: number | null = null
  const count = (usage: CountedUsage): void => {
    input = usage.input_tokens ?? input
    output = usage.output_tokens
    cacheRead = usage.cache_read_input_tokens ?? cacheRead
    cacheWrite = usage.cache_creation_input_tokens ?? cacheWrite
  }
  return {
    add: (event) => {
      if (event.type === 'message_start') count(event.message.usage)
      if (event.type === 'message_delta') count(event.usage)
      if (event.type === 'content_block_delta') firstByteMs ??= elapsedMs()
    },
    metrics: () => ({
      inputTokenCount: input,
      outputTokenCount: output,
      invocationLatency: elapsedMs(),
      firstByteLatency: firstByteMs ?? elapsedMs(),
      ...(cacheRead + cacheWrite > 0 && {
        cacheReadInputTokenCount: cacheRead,
        cacheWriteInputTokenCount: cacheWrite,
      }),
    }),
  }
}

interface CountedUsage {
  readonly input_tokens?: number | null
  readonly output_tokens: number
  readonly cache_read_input_tokens?: number | null
  readonly cache_creation_input_tokens?: number | null
}
