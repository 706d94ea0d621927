import type { Frame } from '@anthology/wire'

import { isPrelude } from './stream-prelude.ts'

/** The events before the first content of a stream that may still move to another upstream. */
export interface HeldEvents {
  /** Holds an event that may stand before content; false for any other. */
  hold(frame: Frame): boolean
  /** Returns what was held. Nothing may be held afterwards. */
  release(): readonly Frame[]
}

/** A client waits no longer for the head of a stream because of a move that may never come. */
const maxHoldMs = 2_000

export function createHeldEvents(onExpired: () => void): HeldEvents {
  const frames: Frame[] = []
  let timer: NodeJS.Timeout | undefined
  return {
    hold: (frame) => {
      if (frame.kind !== 'message_start' && !(frame.kind === 'plain' && isPrelude(frame.bytes))) return false
      frames.push(frame)
      timer ??= setTimeout(onExpired, maxHoldMs)
      return true
    },
    release: () => {
      clearTimeout(timer)
      return frames
    },
  }
}
