import type { Route } from '../api/route.ts'
import type { Frame } from '../http/reply.ts'
import type { Fault } from '../scenario/scenario.ts'
import { createBreakFrame, emptyFrame, getConnectionBreak, stallFrame } from './connection-break.ts'
import type { ConnectionBreak } from './connection-break.ts'
import { findCutPlace } from './cut-place.ts'
import { encodeErrorEvent } from './error-event.ts'
import { splitEvents } from './event-frames.ts'
import type { EventFrame, StreamForm } from './event-frames.ts'
import { breakEvent } from './malformed.ts'

/** Puts what is wrong with a stream into its events. */
export function faultEvents(
  frames: Iterator<Frame>,
  fault: Fault,
  { form, route }: { readonly form: StreamForm; readonly route: Route },
): Iterable<EventFrame> {
  const events = splitEvents(fault.missing === undefined ? frames : withoutLast(frames), form)
  const { malformed, error_event: type, after_events: after } = fault
  const broken = getConnectionBreak(fault)
  if (malformed !== undefined)
    return breakOneEvent(events, after ?? 1, (event) => breakEvent(event, malformed, form))
  if (type !== undefined) {
    const event = { ...emptyFrame, bytes: encodeErrorEvent(type, fault, route), isCounted: true }
    return endAfter(events, after ?? 1, event)
  }
  if (fault.stall) return endAfter(events, after ?? 0, stallFrame)
  return broken === null ? events : breakOff(events, broken, form)
}

/** Every protocol makes its last events, however many these are, of the frame with `message_stop`. */
function* withoutLast(frames: Iterator<Frame>): Generator<Frame, void> {
  let held = frames.next()
  for (let next = frames.next(); !held.done && !next.done; next = frames.next()) {
    yield held.value
    held = next
  }
}

/** Replaces the event after `count` counted ones; in a shorter stream the last one. */
function* breakOneEvent(
  events: Iterable<EventFrame>,
  count: number,
  breakIt: (event: Uint8Array) => Uint8Array,
): Generator<EventFrame, void> {
  const held = [...events]
  const counted = held.filter(({ isCounted }) => isCounted)
  const target = counted[count] ?? counted.at(-1)
  for (const event of held) yield event === target ? { ...event, bytes: breakIt(event.bytes) } : event
}

/** Ends the stream with a frame after `count` counted events, or after all of them if there are fewer. */
function* endAfter(
  events: Iterable<EventFrame>,
  count: number,
  last: EventFrame,
): Generator<EventFrame, void> {
  let sent = 0
  if (count > 0) {
    for (const event of events) {
      yield event
      if (event.isCounted) sent += 1
      if (sent === count) break
    }
  }
  yield last
}

/** Breaks the connection at a place of the body; the head goes out in any case. */
function* breakOff(
  events: Iterable<EventFrame>,
  { kind, place }: ConnectionBreak,
  form: StreamForm,
): Generator<EventFrame, void> {
  const held = [...events]
  let left = findCutPlace(held, place, form)
  if (left === 0) yield emptyFrame
  for (const event of held) {
    if (left === 0) break
    const bytes = event.bytes.subarray(0, left)
    left -= bytes.length
    yield { ...event, bytes }
  }
  yield createBreakFrame(kind)
}
