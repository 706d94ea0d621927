import { collectSourceTypes, hasAsciiEscape } from '@anthology/wire'

import { runInSlices } from '../slices.ts'
import type { Call } from './call.ts'

/**
 * Lists the kinds of source of a request's images and documents up to the first one that some platforms lack. A prompt can
 * be long, so its structure is read only after a search for the names of such kinds.
 */
export async function listSourceTypes({
  body,
  index,
}: Pick<Call, 'body' | 'index'>): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const member of index.members) {
    if (!promptMembers.has(member.name)) continue
    const prompt = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start)
    // In text, quotes are escaped.
    if (lackedKinds.some((kind) => prompt.includes(`"${kind}"`)) || hasAsciiEscape(prompt))
      await runInSlices(searchUntilFound(body, member, found))
  }
  return [...found]
}

/** One such kind is enough to leave a platform out. */
function* searchUntilFound(
  body: Uint8Array,
  prompt: { readonly start: number; readonly end: number },
  found: Set<string>,
): Generator<void, void, void> {
  for (const _ of collectSourceTypes(body, prompt, found)) {
    if (lackedKinds.some((kind) => found.has(kind))) return
    yield
  }
}

const lackedKinds = ['url', 'file', 'container_upload'] as const

const promptMembers: ReadonlySet<string> = new Set(['messages', 'system'])
