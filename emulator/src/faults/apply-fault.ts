import type { Route } from '../api/route.ts'
import type { Frame, Reply } from '../http/reply.ts'
import type { Fault } from '../scenario/scenario.ts'
import { faultBody } from './body-faults.ts'
import { createBreakFrame } from './connection-break.ts'
import { getStreamForm } from './event-frames.ts'
import type { EventFrame } from './event-frames.ts'
import { faultEvents } from './stream-faults.ts'

/** Puts a fault into a reply: its headers, its delays, and what is wrong in its body or with the connection. */
export function applyFault(reply: Reply, fault: Fault, route: Route): Reply {
  // Before the first byte there is no head either.
  if (fault.reset === true) return { ...reply, frames: delayEvents([createBreakFrame('reset')], fault) }
  const form = getStreamForm(reply)
  const { status, headers, frames } =
    form === null
      ? faultBody(reply, fault, route)
      : { ...reply, frames: faultEvents(reply.frames, fault, { form, route }) }
  return {
    status,
    headers: { ...headers, ...lowerNames(fault.headers ?? {}) },
    frames: delayEvents(frames, fault),
  }
}

/** Delays the first frame, and each counted event after it. */
function* delayEvents(events: Iterable<EventFrame>, fault: Fault): Generator<Frame, void> {
  const { first_byte_ms: firstMs = 0, between_events_ms: betweenMs = 0 } = fault
  let isFirst = true
  for (const event of events) {
    const waitMs = isFirst ? firstMs : event.isCounted ? betweenMs : 0
    isFirst = false
    yield { ...event, delayMs: Math.max(event.delayMs ?? 0, waitMs) }
  }
}

function lowerNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
