import { joinBytes } from '@anthology/wire'

import type { Frame, Reply } from './reply.ts'

/** Reads the whole body of a reply, so that it can be translated, and sums up its tokens for pacing. */
export function readBody({ frames }: Reply): Frame {
  const parts: Uint8Array[] = []
  let tokens = 0
  for (let next = frames.next(); !next.done; next = frames.next()) {
    parts.push(next.value.bytes)
    tokens += next.value.tokens
  }
  return { bytes: joinBytes(parts), tokens }
}
