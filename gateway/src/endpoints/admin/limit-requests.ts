import type { Caller } from '../../auth/caller.ts'
import type { Context } from '../../context.ts'
import { ApiError, errors } from '../../errors.ts'

/** Counts a request of a caller. Throws an ApiError if the caller has made too many in a minute. */
export function limitRequests(
  { adminRequests, limits }: Pick<Context, 'adminRequests' | 'limits'>,
  { actor }: Caller,
): void {
  const waitMs = adminRequests.getWaitMs(actor, limits.adminRequestsPerMinute)
  if (waitMs > 0) {
    const message = `the admin API takes ${limits.adminRequestsPerMinute} requests of one caller in a minute`
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) }
    const limit = 'adminRequestsPerMinute'
    throw new ApiError('rate_limited', message, errors.rate_limited, { limit, headers })
  }
  adminRequests.add(actor)
}
