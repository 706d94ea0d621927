import type { MessageUsage } from '@anthology/wire'

import type { TimedEvent } from '../http/reply.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Fault } from '../scenario/scenario.ts'

/** Replaces figures of a plain answer's usage, as the fault says. */
export function falsifyUsage(usage: MessageUsage, { fault }: Exchange): MessageUsage {
  const wrong = fault?.wrong_usage
  return wrong === undefined ? usage : { ...usage, ...getFigures(wrong) }
}

/** Replaces figures of a stream's final usage, as the fault says; `message_start` keeps the right ones. */
export function falsifyEvents(events: Iterable<TimedEvent>, { fault }: Exchange): Iterable<TimedEvent> {
  const wrong = fault?.wrong_usage
  return wrong === undefined ? events : replaceFinalUsage(events, getFigures(wrong))
}

function* replaceFinalUsage(events: Iterable<TimedEvent>, figures: Figures): Generator<TimedEvent> {
  for (const timed of events) {
    const { event } = timed
    if (event.type !== 'message_delta') yield timed
    else yield { ...timed, event: { ...event, usage: { ...event.usage, ...figures } } }
  }
}

type Figures = Readonly<Record<string, number>>

function getFigures(wrong: NonNullable<Fault['wrong_usage']>): Figures {
  return wrong === true ? { output_tokens: 0 } : wrong
}
