import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'

/** Serves `/console/oidc/start` and `/console/oidc/callback`. */
export async function serveOidc(context: Context, path: string, _exchange: ClientExchange): Promise<void> {
  if (context.console.oidc === null)
    throw new ApiError('no_route', 'sign-in through a provider is not configured (console.oidc)')
  throw new ApiError('no_route', `the console has no path ${path.slice(0, 100)}`)
}
