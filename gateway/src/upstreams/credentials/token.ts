import { joinValues, readBetas } from '@anthology/wire'

import type { Authorizer } from '../authorized-upstream.ts'

/** Returns an access token; called for each request, so it caches. */
export type GetAccessToken = (options: { readonly forceRefresh: boolean }) => Promise<string>

/**
 * Sends an access token as bearer. Services answer 401 to one that has expired. `beta` is added to the request's
 * `anthropic-beta`, where the token needs one.
 */
export function createTokenAuthorizer(getToken: GetAccessToken, beta?: string): Authorizer {
  return {
    authorize: async ({ headers }, refresh) => ({
      ...headers,
      ...(beta !== undefined && { 'anthropic-beta': addBeta(headers['anthropic-beta'], beta) }),
      authorization: `Bearer ${await getToken({ forceRefresh: refresh })}`,
    }),
    isExpired: ({ status }) => status === 401,
  }
}

function addBeta(betas: string | undefined, beta: string): string {
  if (betas === undefined || betas.trim() === '') return beta
  return readBetas(betas).includes(beta) ? betas : joinValues([betas, beta])
}
