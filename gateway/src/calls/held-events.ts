import type { Frame } from '@anthology/wire'

import type { Attempt } from './attempt.ts'
import { isPrelude } from './stream-prelude.ts'

/** The events before the first content of a stream that may still move to another upstream. */
export interface HeldEvents {
  /** Holds an event that may stand before content; false for any other. */
  hold(frame: Frame): boolean
  /** Returns what was held. Nothing may be held afterwards. */
  release(): readonly Frame[]
}

/** `onExpired`: the client waits no longer for the head of a stream because of a move that may never come. */
export function createHeldEvents(
  { limits, telemetry }: Pick<Attempt, 'limits' | 'telemetry'>,
  onExpired: () => void,
): HeldEvents {
  const frames: Frame[] = []
  let timer: NodeJS.Timeout | undefined
  const expire = (): void => {
    telemetry.countLimit('streamHoldMs')
    onExpired()
  }
  return {
    hold: (frame) => {
      if (frame.kind !== 'message_start' && !(frame.kind === 'plain' && isPrelude(frame.bytes))) return false
      frames.push(frame)
      timer ??= setTimeout(expire, limits.streamHoldMs)
      return true
    },
    release: () => {
      clearTimeout(timer)
      return frames
    },
  }
}
