import { joinBytes } from '@anthology/wire'

import type { Frame, Reply } from './reply.ts'

/** The whole body of a reply that is not to be sent as it is, and the time it takes to speak. */
export function readBody({ frames }: Reply): Frame {
  const parts: Uint8Array[] = []
  let tokens = 0
  for (let next = frames.next(); !next.done; next = frames.next()) {
    parts.push(next.value.bytes)
    tokens += next.value.tokens
  }
  return { bytes: joinBytes(parts), tokens }
}
