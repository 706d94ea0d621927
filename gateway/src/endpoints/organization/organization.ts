import { mayAct } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { toChangeError } from '../admin/change-error.ts'
import { findRoute } from '../admin/find-route.ts'
import { limitRequests } from '../admin/limit-requests.ts'
import { createReader } from '../admin/read-report.ts'
import type { ReadingRoute } from '../admin/route.ts'
import { sendAdminJson } from '../admin/send-json.ts'
import { validateQuery } from '../admin/validate-input.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { costReportRoutes } from './cost-report.ts'
import { usageReportRoutes } from './usage-report.ts'
import { organizationWorkspaceRoutes } from './workspaces.ts'

/**
 * Read-only endpoints with the paths and the shapes of Anthropic's Admin API, for tools that know it. Everything that
 * changes something is in our own admin API.
 */
export const organizationRoutes: readonly ReadingRoute[] = [
  ...organizationWorkspaceRoutes,
  ...apiKeyRoutes,
  ...usageReportRoutes,
  ...costReportRoutes,
]

/** Serves `/v1/organizations/...` to the callers of the admin API. Errors have the shape of the Messages API. */
export async function serveOrganization(
  context: Context,
  path: string,
  exchange: ClientExchange,
): Promise<void> {
  const { request } = exchange
  const caller = await context.admin.authenticate(request)
  limitRequests(context, caller)
  const { route, parameters } = findRoute(organizationRoutes, request.method ?? '', path)
  if (!mayAct(caller.role, route.roles)) {
    const allowed = ['admin', ...route.roles].join(' or ')
    throw new ApiError('role_required', `this needs the role ${allowed}, and the caller has ${caller.role}`)
  }
  const query = validateQuery(route.query, joinListNames(request.url?.split('?')[1] ?? ''))
  const read = createReader(context, exchange)
  try {
    const value = await route.serve({ context, exchange, caller, read, parameters, query, body: undefined })
    if (value !== null && value !== 'sent') sendAdminJson(exchange, value)
  } catch (error) {
    throw toChangeError(error)
  }
}

/** The API's clients write lists as `group_by[]=model`; some write them without the brackets. */
function joinListNames(query: string): string {
  const entries = [...new URLSearchParams(query)].map(([name, value]): [string, string] => [
    name.replace(/\[\]$/, ''),
    value,
  ])
  return new URLSearchParams(entries).toString()
}
