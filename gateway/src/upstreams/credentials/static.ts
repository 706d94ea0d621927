import type { Authorizer } from '../authorized-upstream.ts'

/** A credential that never changes, in one header. */
export function createStaticAuthorizer(header: string, value: string): Authorizer {
  return {
    authorize: async ({ headers }) => ({ ...headers, [header]: value }),
    isExpired: () => false,
  }
}
