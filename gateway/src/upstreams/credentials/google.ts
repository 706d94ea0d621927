import type { Authorizer } from '../authorized-upstream.ts'

/** Returns an access token of Google Cloud; called for each request, so it caches. */
export type GetAccessToken = (options: { readonly forceRefresh: boolean }) => Promise<string>

/** Sends an access token as bearer. Google answers 401 UNAUTHENTICATED to one that has expired. */
export function createTokenAuthorizer(getToken: GetAccessToken): Authorizer {
  return {
    authorize: async ({ headers }, refresh) => ({
      ...headers,
      authorization: `Bearer ${await getToken({ forceRefresh: refresh })}`,
    }),
    isExpired: ({ status }) => status === 401,
  }
}
