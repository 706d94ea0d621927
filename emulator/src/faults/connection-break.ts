import type { Cut, Fault } from '../scenario/scenario.ts'
import type { EventFrame } from './event-frames.ts'
import { FaultError } from './fault-error.ts'

/** A place at which the connection breaks. */
export interface ConnectionBreak {
  readonly kind: FaultError['kind']
  readonly place: true | Cut
}

/** The break of a fault; null: it has none. */
export function getConnectionBreak({ cut, reset }: Fault): ConnectionBreak | null {
  if (cut !== undefined) return { kind: 'cut', place: cut }
  return reset === undefined ? null : { kind: 'reset', place: reset }
}

/** In place of a frame, the connection breaks. */
export function createBreakFrame(kind: FaultError['kind']): EventFrame {
  return { ...emptyFrame, failure: new FaultError(kind) }
}

/** In place of a frame, the reply waits until the client leaves. */
export const stallFrame: EventFrame = {
  bytes: new Uint8Array(),
  tokens: 0,
  isCounted: false,
  delayMs: Infinity,
}

/** It sends the head of a reply, and nothing of its body. */
export const emptyFrame: EventFrame = { bytes: new Uint8Array(), tokens: 0, isCounted: false }
