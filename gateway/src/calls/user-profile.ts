import type { Call } from './call.ts'

/** Whether the Claude API may bill a call to a user profile, so to a customer of the operator. */
export function namesUserProfile({
  headers,
  body,
  index,
}: Pick<Call, 'headers' | 'body' | 'index'>): boolean {
  const { [profileHeader]: header = '' } = headers
  if (header !== '') return true
  const member = index.members.find(({ name }) => name === 'user_profile_id')
  return member !== undefined && body[member.start] === quote
}

const profileHeader = 'anthropic-user-profile-id'
/** Anything else than a text, such as `null`, names no profile. */
const quote = 0x22
