import type { BodyIndex, Patch } from '@anthology/wire'

/** Members of a call that the counting of its tokens on the Claude API refuses, and that a cloud wants. */
const members = [
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_k',
  'top_p',
  'metadata',
] as const

/** What must be among the members that are read when a body to be counted is indexed. */
export const countTokensMembers: ReadonlySet<string> = new Set(members)

/** Makes the body of a call one of `/v1/messages/count_tokens`. */
export function countTokensEdits(index: BodyIndex): readonly Patch[] {
  return members
    .filter((member) => index.get(member) !== undefined)
    .map((member) => ({ splice: 'count_tokens', kind: 'remove', member }))
}
