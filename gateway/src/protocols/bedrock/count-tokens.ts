import type { BodyIndex, Patch } from '@anthology/wire'

/** Members that Bedrock's CountTokens expects and the Claude API's `count_tokens` rejects. */
const members = [
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_k',
  'top_p',
  'metadata',
] as const

/** These members must be indexed for `countTokensEdits`. */
export const countTokensMembers: ReadonlySet<string> = new Set(members)

/** Converts the body of a message request to one for `/v1/messages/count_tokens`. */
export function countTokensEdits(index: BodyIndex): readonly Patch[] {
  return members
    .filter((member) => index.get(member) !== undefined)
    .map((member) => ({ splice: 'count_tokens', kind: 'remove', member }))
}
