import { collectSourceTypes, hasAsciiEscape } from '@anthology/wire'

import { runInSlices } from '../slices.ts'
import type { Call } from './call.ts'

/**
 * Lists the kinds of source of a request's images and documents if one may be of a kind that some platforms lack. A
 * prompt can be long, so its structure is read only after a search for the names of such kinds.
 */
export async function listSourceTypes({
  body,
  index,
}: Pick<Call, 'body' | 'index'>): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const member of index.members) {
    if (!promptMembers.has(member.name)) continue
    const prompt = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start)
    if (kinds.some((kind) => prompt.includes(kind)) || hasAsciiEscape(prompt))
      await runInSlices(collectSourceTypes(body, member, found))
  }
  return [...found]
}

const promptMembers: ReadonlySet<string> = new Set(['messages', 'system'])

/** In text, quotes are escaped. */
const kinds = ['"url"', '"file"', '"container_upload"'] as const
