import type { Role } from '../../auth/roles.ts'
import { mayAct } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { serveExplanation } from './explain.ts'
import { sendAdminJson } from './send-json.ts'
import { listUpstreamStates } from './upstreams.ts'

interface AdminRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The role that a caller needs. */
  readonly role: Role
  readonly serve: (context: Context, exchange: ClientExchange) => Promise<void>
}

/** Every route of the admin API. A path that is not here does not exist, for every caller. */
export const adminRoutes: readonly AdminRoute[] = [
  { method: 'POST', path: '/admin/v1/explain', role: 'admin', serve: serveExplanation },
  {
    method: 'GET',
    path: '/admin/v1/upstreams',
    role: 'viewer',
    serve: async (context, exchange) => sendAdminJson(exchange, await listUpstreamStates(context)),
  },
]

/** Serves `/admin/...`. The caller is authenticated before the route is known, so that a stranger learns no paths. */
export async function serveAdmin(context: Context, path: string, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  const role = context.admin.authenticate(request)
  const here = adminRoutes.filter((route) => route.path === path)
  const route = here.find(({ method }) => method === request.method)
  if (here.length === 0)
    throw new ApiError('no_route', `the admin API has no path ${path.slice(0, maxEchoLength)}`)
  if (route === undefined) {
    const allow = here.map(({ method }) => method).join(', ')
    const message = `method ${request.method} is not allowed on this path; use ${allow}`
    throw new ApiError('wrong_method', message, undefined, { headers: { allow } })
  }
  if (!mayAct(role, route.role))
    throw new ApiError('admin_only', `this needs the role ${route.role}, and the caller has ${role}`)
  await route.serve(context, exchange)
}

/** Max length at which client-supplied paths are echoed. */
const maxEchoLength = 200
