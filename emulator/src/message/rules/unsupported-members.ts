import type { ApiError } from '../../http/reply.ts'

/**
 * Returns the documented error for a member whose feature the emulator lacks and that clients drop after this error
 * (types and error classes of SDK 1.12, 2026). Others, such as `fallbacks`, `safeguards` or `compaction`, need no entry:
 * the schema rejects them by name, as the API does for an account without them.
 */
export function findUnsupportedMember(body: unknown, betas: readonly string[]): ApiError | null {
  if (typeof body !== 'object' || body === null) return null
  const members: Readonly<Record<string, unknown>> = { ...body }
  const found = surfaces.find(({ member, beta }) => isGiven(members[member]) && betas.includes(beta))
  return found ? { status: 400, message: found.message, errorCode: found.errorCode } : null
}

const surfaces = [
  {
    member: 'thread',
    beta: 'message-threads-2026-08-12',
    errorCode: 'thread_unsupported_request',
    message:
      'thread: Threads are not supported for this request. Send the full conversation without `thread`.',
  },
] as const

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
