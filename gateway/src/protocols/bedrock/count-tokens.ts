import type { BodyIndex, Patch } from '@anthology/wire'

/** Members that the clouds accept when counting tokens and that the Claude API rejects. */
const members = [
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_k',
  'top_p',
  'metadata',
] as const

/** Members that the index of a body to be counted must include. */
export const countTokensMembers: ReadonlySet<string> = new Set(members)

/** Lists the splices that turn a call's body into one for `/v1/messages/count_tokens`. */
export function countTokensEdits(index: BodyIndex): readonly Patch[] {
  return members
    .filter((member) => index.get(member) !== undefined)
    .map((member) => ({ splice: 'count_tokens', kind: 'remove', member }))
}
