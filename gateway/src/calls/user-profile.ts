import type { Call } from './call.ts'

/**
 * The header or the member that names a user profile, so that the Claude API may bill the call to a customer of the
 * operator; null: none does.
 */
export function findUserProfile({ headers, body, index }: Pick<Call, 'headers' | 'body' | 'index'>) {
  if (headers[profileHeader]) return profileHeader
  const member = index.members.find(({ name }) => name === profileMember)
  return member !== undefined && body[member.start] === quote ? profileMember : null
}

const profileHeader = 'anthropic-user-profile-id'
const profileMember = 'user_profile_id'
/** Anything else than a text, such as `null`, names no profile. */
const quote = 0x22
