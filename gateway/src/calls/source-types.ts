import { collectSourceTypes, hasAsciiEscape } from '@anthology/wire'

import { runInSlices } from '../slices.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { Call } from './call.ts'

/**
 * Lists the kinds of source of a request's images and documents up to the first one that decides which of the upstreams
 * lack them. A prompt can be long, so its structure is read only after a search for the names of such kinds.
 */
export async function listSourceTypes(
  { body, index }: Pick<Call, 'body' | 'index'>,
  accounts: readonly Pick<UpstreamAccount, 'hosting'>[],
): Promise<readonly string[]> {
  // Deployments hosted on Azure lack files only, so a URL before the first file does not decide.
  const lastKinds = accounts.some(({ hosting }) => hosting === 'azure') ? fileKinds : lackedKinds
  const found = new Set<string>()
  for (const member of index.members) {
    if (!promptMembers.has(member.name)) continue
    const prompt = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start)
    // In text, quotes are escaped.
    if (lackedKinds.some((kind) => prompt.includes(`"${kind}"`)) || hasAsciiEscape(prompt))
      await runInSlices(searchUntilFound({ body, prompt: member, lastKinds }, found))
  }
  return [...found]
}

interface Search {
  readonly body: Uint8Array
  readonly prompt: { readonly start: number; readonly end: number }
  /** One such kind is enough to leave out every upstream that lacks any of them. */
  readonly lastKinds: readonly string[]
}

function* searchUntilFound(
  { body, prompt, lastKinds }: Search,
  found: Set<string>,
): Generator<void, void, void> {
  for (const _ of collectSourceTypes(body, prompt, found)) {
    if (lastKinds.some((kind) => found.has(kind))) return
    yield
  }
}

const fileKinds = ['file', 'container_upload'] as const
const lackedKinds = ['url', ...fileKinds] as const

const promptMembers: ReadonlySet<string> = new Set(['messages', 'system'])
