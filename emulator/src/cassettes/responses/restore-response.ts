import { decodeBase64 } from '@anthology/wire'

import type { Frame } from '../../http/reply.ts'
import type { RecordedResponse } from '../cassette.ts'
import { decodeEvent } from './encode-event.ts'

/** Returns the body of a recorded response as frames. `speed` 1 keeps the recorded times, 2 halves them, 0 has no waits. */
export function restoreFrames(response: RecordedResponse, speed: number): readonly Frame[] {
  const { at_ms: times, events } = response
  const parts = events === undefined ? [restoreBody(response)] : events.map((event) => decodeEvent(event))
  return parts.map((bytes, index) => ({ bytes, tokens: 0, delayMs: computeDelayMs(times, index, speed) }))
}

function restoreBody({ body, base64 }: RecordedResponse): Uint8Array {
  if (body !== undefined) return new TextEncoder().encode(body)
  return decodeBase64(base64 ?? '') ?? new Uint8Array()
}

/** Events without a time, such as those added by hand, follow at once. */
function computeDelayMs(times: readonly number[], index: number, speed: number): number {
  if (speed === 0) return 0
  const time = times[index]
  const before = index === 0 ? 0 : times[index - 1]
  return time === undefined || before === undefined ? 0 : Math.max(0, time - before) / speed
}
