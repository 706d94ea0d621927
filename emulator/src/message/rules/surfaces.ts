import type { ApiError } from '../../http/reply.ts'

/**
 * Members of the service that stand for surfaces this emulator does not have, and that clients go
 * on without when they are told so in the documented way (types and error classes of SDK 1.12,
 * 2026). Others, such as `fallbacks`, `safeguards` or `compaction`, need no line here: the schema
 * answers them as the service does for an account without them, by their name.
 */
export function findSurfaceError(body: unknown, betas: readonly string[]): ApiError | null {
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
