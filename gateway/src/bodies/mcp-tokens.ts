import { rangesNamed } from '@anthology/wire'

import type { Call } from '../calls/call.ts'

/** Overwrites the tokens of MCP servers in the first bytes of a request: they are credentials, and no part of the prompt. */
export function hideTokens(kept: Uint8Array, { body, index }: Pick<Call, 'body' | 'index'>): Uint8Array {
  const lists = index.members.filter(({ name, start }) => name === 'mcp_servers' && start < kept.length)
  if (lists.length === 0) return kept
  const clean = Uint8Array.from(kept)
  for (const list of lists)
    for (const { start, end } of rangesNamed(body.subarray(list.start, list.end), 'authorization_token')) {
      // The request may be cut within a token, which has to stay a JSON string otherwise.
      clean.fill(asterisk, list.start + start + 1, list.start + end - 1)
      if (list.start + end >= clean.length) break
    }
  return clean
}

const asterisk = 0x2a
