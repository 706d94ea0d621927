import { mayAct } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { explainRoutes } from './explain.ts'
import { findRoute } from './find-route.ts'
import { createOpenApiRoute } from './openapi.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { sendAdminJson, sendNoContent } from './send-json.ts'
import { upstreamRoutes } from './upstreams.ts'
import { usageRoutes } from './usage.ts'
import { validateBody, validateQuery } from './validate-input.ts'

const areas: readonly AdminRoute[] = [...explainRoutes, ...upstreamRoutes, ...usageRoutes]

/** Every route of the admin API. A path that is not here does not exist, for every caller. */
export const adminRoutes: readonly AdminRoute[] = [...areas, createOpenApiRoute(areas)]

/** Serves `/admin/...`. The caller is authenticated before the route is known, so that a stranger learns no paths. */
export async function serveAdmin(context: Context, path: string, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  const caller = await context.admin.authenticate(request)
  const { route, parameters } = findRoute(adminRoutes, request.method ?? '', path)
  if (!mayAct(caller.role, route.roles)) {
    const allowed = ['admin', ...route.roles].join(' or ')
    throw new ApiError('admin_only', `this needs the role ${allowed}, and the caller has ${caller.role}`)
  }
  const query = validateQuery(route.query, request.url?.split('?')[1] ?? '')
  const body = await readBody(context, route, exchange)
  await answer(route, { context, exchange, caller, parameters, query, body })
}

async function readBody(context: Context, { body: schema }: AdminRoute, { request }: ClientExchange) {
  if (schema === undefined) return undefined
  const body = await context.bodies.read(request, { limit: 'adminBodyBytes' })
  try {
    return validateBody(schema, body.bytes)
  } finally {
    body.release()
  }
}

async function answer(route: AdminRoute, request: AdminRequest): Promise<void> {
  const value = await route.serve(request)
  if (value === 'sent') return
  if (value === null) sendNoContent(request.exchange)
  else sendAdminJson(request.exchange, value, route.status)
}
