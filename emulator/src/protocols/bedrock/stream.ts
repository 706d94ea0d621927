import { decodeSse } from '@anthology/wire'
import type { InvocationMetrics, InvokeStreamEncoder, StreamEvent } from '@anthology/wire'

import { createRandom, computeFingerprint } from '../../random.ts'
import type { Frame } from '../../http/reply.ts'

/** Wraps a Messages stream in messages of AWS's event stream; the last one carries the metrics. */
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

/** Reads the events of each frame of a stream. */
export function* readEvents(
  frames: Iterator<Frame>,
): Generator<Frame & { readonly events: readonly StreamEvent[] }, void> {
  for (let next = frames.next(); !next.done; next = frames.next()) {
    // The emulator itself encoded these events.
    const events = decodeSse(next.value.bytes).map(({ data }) => JSON.parse(data) as StreamEvent)
    yield { ...next.value, events }
  }
}

/** Returns the padding length of each message: random, but the same again for the same request id. */
export function createPadding(requestId: string): () => number {
  const random = createRandom(computeFingerprint('padding', requestId))
  return () => random.below(paddingLetters.length + 1)
}

/** Padding is a prefix of this text. */
export const paddingLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

interface Counter {
  add(event: StreamEvent): void
  metrics(): InvocationMetrics
}

/** Collects the metrics of a stream for its last event; later usage replaces earlier usage. */
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
