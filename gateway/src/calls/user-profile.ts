import type { Call } from './call.ts'

/**
 * The header or the member that names a user profile, so that the Claude API may bill the call to a customer of the
 * operator; null: none does.
 */
export function findUserProfile(call: NamingCall): string | null {
  return findName(call, profileHeader, profileMember)
}

/**
 * Whether a refusal of the call may be one of a user profile or of a workspace that the client has named, which says
 * nothing about the account of the upstream.
 */
export function namesPayer(call: NamingCall): boolean {
  return findUserProfile(call) !== null || findName(call, workspaceHeader, workspaceMember) !== null
}

type NamingCall = Pick<Call, 'headers' | 'body' | 'index'>

function findName({ headers, body, index }: NamingCall, header: string, member: string): string | null {
  if (headers[header]) return header
  const found = index.members.find(({ name }) => name === member)
  return found !== undefined && body[found.start] === quote ? member : null
}

const workspaceHeader = 'anthropic-workspace-id'
const workspaceMember = 'workspace_id'
const profileHeader = 'anthropic-user-profile-id'
const profileMember = 'user_profile_id'
/** Anything else than a text, such as `null`, names no profile. */
const quote = 0x22
