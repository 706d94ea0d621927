import type { Frame, Reply } from '../http/reply.ts'
import type { Fault } from '../scenario/scenario.ts'
import { FaultError } from './fault-error.ts'

/** Puts a fault into the transport of a reply: delays, stalls, and broken connections. */
export function applyFault(reply: Reply, fault: Fault): Reply {
  if (fault.reset === true) return { ...reply, frames: [createBreak('reset')].values() }
  return { ...reply, frames: bend(reply.frames, fault) }
}

function* bend(frames: Iterator<Frame>, fault: Fault): Generator<Frame, void> {
  const { first_byte_ms: firstMs = 0, between_events_ms: betweenMs = 0 } = fault
  const cutAt = typeof fault.cut === 'object' ? (fault.cut.after_events ?? null) : null
  let sent = 0
  for (let next = frames.next(); !next.done; next = frames.next()) {
    if (fault.stall && sent >= (fault.after_events ?? 0))
      yield { bytes: noBytes, tokens: 0, delayMs: Infinity }
    if (cutAt !== null && sent >= cutAt) {
      yield createBreak('cut')
      return
    }
    yield { ...next.value, delayMs: sent === 0 ? firstMs : betweenMs }
    sent += 1
  }
}

function createBreak(kind: 'cut' | 'reset'): Frame {
  return { bytes: noBytes, tokens: 0, failure: new FaultError(kind) }
}

const noBytes = new Uint8Array()
