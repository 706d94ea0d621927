import { mayAct } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { auditRoutes } from './audit.ts'
import { budgetRoutes } from './budgets.ts'
import { cacheRoutes } from './cache.ts'
import { callBodyRoutes } from './call-bodies.ts'
import { callRoutes } from './calls.ts'
import { toChangeError } from './change-error.ts'
import { consoleLinkRoutes } from './console-links.ts'
import { explainRoutes } from './explain.ts'
import { findRoute } from './find-route.ts'
import { invoiceRoutes } from './invoices.ts'
import { keyLimitRoutes } from './key-limits.ts'
import { keyRoutes } from './keys.ts'
import { limitRequests } from './limit-requests.ts'
import { memberRoutes } from './members.ts'
import { createOpenApiRoute } from './openapi.ts'
import { promptRoutes } from './prompts.ts'
import { createReader } from './read-report.ts'
import { reconciliationRoutes } from './reconciliations.ts'
import type { AdminRoute } from './route.ts'
import { rejectedCallRoutes } from './rejected-calls.ts'
import { routingRoutes } from './routing.ts'
import { runChange } from './run-change.ts'
import { sendAdminJson, sendNoContent } from './send-json.ts'
import { sessionRoutes } from './sessions.ts'
import { settingsRoutes } from './settings.ts'
import { upstreamTestRoutes } from './upstream-test.ts'
import { upstreamRoutes } from './upstreams.ts'
import { usageRoutes } from './usage.ts'
import { validateBody, validateQuery } from './validate-input.ts'
import { workspaceRoutes } from './workspaces.ts'

const areas: readonly AdminRoute[] = [
  ...workspaceRoutes,
  ...memberRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...callRoutes,
  ...callBodyRoutes,
  ...rejectedCallRoutes,
  ...sessionRoutes,
  ...cacheRoutes,
  ...usageRoutes,
  ...budgetRoutes,
  ...keyLimitRoutes,
  ...reconciliationRoutes,
  ...invoiceRoutes,
  ...explainRoutes,
  ...routingRoutes,
  ...upstreamRoutes,
  ...upstreamTestRoutes,
  ...settingsRoutes,
  ...promptRoutes,
  ...consoleLinkRoutes,
]

/** Every route of the admin API. A path that is not here does not exist, for every caller. */
export const adminRoutes: readonly AdminRoute[] = [...areas, createOpenApiRoute(areas)]

/** Serves `/admin/...`. The caller is authenticated before the route is known, so that a stranger learns no paths. */
export async function serveAdmin(context: Context, path: string, exchange: ClientExchange): Promise<void> {
  const { request } = exchange
  const caller = await context.admin.authenticate(request)
  limitRequests(context, caller)
  const { route, parameters } = findRoute(adminRoutes, request.method ?? '', path)
  if (!mayAct(caller.role, route.roles)) {
    const allowed = ['admin', ...route.roles].join(' or ')
    throw new ApiError('role_required', `this needs the role ${allowed}, and the caller has ${caller.role}`)
  }
  const query = validateQuery(route.query, request.url?.split('?')[1] ?? '')
  const { body, text } = await readBody(context, route, exchange)
  const read = createReader(context, exchange)
  const adminRequest = { context, exchange, caller, read, parameters, query, body }
  try {
    if ('serve' in route) await send(exchange, route, await route.serve(adminRequest))
    else {
      const { answer, isRepeated } = await runChange(adminRequest, route, text)
      if (isRepeated) exchange.response.setHeader('idempotent-replayed', 'true')
      await send(exchange, route, answer)
    }
  } catch (error) {
    throw toChangeError(error)
  }
}

async function readBody(
  context: Context,
  { body: schema }: AdminRoute,
  { request }: ClientExchange,
): Promise<{ readonly body: unknown; readonly text: string }> {
  if (schema === undefined) return { body: undefined, text: '' }
  const held = await context.bodies.read(request, { limit: 'adminBodyBytes' })
  try {
    const body = validateBody(schema, held.bytes)
    return { body, text: Buffer.from(held.bytes).toString() }
  } finally {
    held.release()
  }
}

async function send(
  exchange: ClientExchange,
  { status }: AdminRoute,
  value: object | null | 'sent',
): Promise<void> {
  if (value === 'sent') return
  if (value === null) sendNoContent(exchange)
  else sendAdminJson(exchange, value, status)
}
