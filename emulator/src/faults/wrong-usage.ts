import type { MessageUsage } from '@anthology/wire'

import type { TimedEvent } from '../http/reply.ts'
import type { Exchange } from '../scenario/exchange.ts'

/** Replaces figures of a plain answer's usage, as the fault says. */
export function falsifyUsage<Usage extends MessageUsage>(usage: Usage, { fault }: Exchange): Usage {
  return { ...usage, ...getFigures(fault?.wrong_usage) }
}

/** Replaces figures of a stream's final usage, as the fault says; `message_start` keeps the right ones. */
export function* falsifyEvents(events: Iterable<TimedEvent>, { fault }: Exchange): Generator<TimedEvent> {
  for (const timed of events) {
    const { event } = timed
    if (event.type !== 'message_delta') yield timed
    else {
      const usage = { ...event.usage, ...getFigures(fault?.wrong_usage) }
      yield { ...timed, event: { ...event, usage } }
    }
  }
}

function getFigures(
  wrong: true | Readonly<Record<string, number>> | undefined,
): Readonly<Record<string, number>> {
  return wrong === true ? { output_tokens: 0 } : (wrong ?? {})
}
