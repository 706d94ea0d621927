import { createHash } from 'node:crypto'

import { defaultWorkspaceId } from '../../auth/key-record.ts'
import { ApiError } from '../../errors.ts'
import { printTime } from '../../organization/change.ts'
import { findWorkspace, listWorkspaces } from '../../organization/workspaces.ts'
import type { Workspace } from '../../organization/workspaces.ts'
import type { AdminRequest, ReadingRoute } from '../admin/route.ts'
import { describeOptions } from '../admin/schema.ts'
import { listParameters, pageList } from './list-page.ts'
import type { ListQuery } from './list-page.ts'

interface WorkspaceQuery extends ListQuery {
  readonly ids?: readonly string[]
  readonly include_archived: boolean
  readonly include_default: boolean
}

async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { ids, include_archived: archived, include_default: withDefault, ...page } = query as WorkspaceQuery // Validated.
  const found = await listWorkspaces(context.database, { archived, ids: caller.workspaces })
  const wanted = found.filter(
    ({ id }) => (withDefault || id !== defaultWorkspaceId) && (ids === undefined || ids.includes(id)),
  )
  return pageList(wanted.toReversed().map(print), page, 'workspace')
}

async function getOne({ context, caller, parameters }: AdminRequest): Promise<object> {
  const workspace = await findWorkspace(context.database, parameters['id'] ?? '')
  if (caller.workspaces?.has(workspace.id) === false)
    throw new ApiError('unknown_resource', `there is no workspace '${workspace.id}'`)
  return print(workspace)
}

/** A workspace of Anthropic's Admin API. Members that a gateway does not have are null, or say that nothing is limited. */
function print({ id, name, createdAtMs, archivedAtMs }: Workspace) {
  return {
    id,
    type: 'workspace',
    name,
    created_at: printTime(createdAtMs),
    archived_at: printTime(archivedAtMs),
    compartment_id: id,
    display_color: chooseColor(id),
    external_key_id: null,
    user_profile_id: null,
    tags: {},
    data_residency: {
      workspace_geo: 'us',
      default_inference_geo: 'global',
      allowed_inference_geos: 'unrestricted',
    },
  }
}

/** The same colour for the same workspace. */
function chooseColor(id: string): string {
  return `#${createHash('sha256').update(id).digest('hex').slice(0, 6).toUpperCase()}`
}

/** An installation is one organization. */
const organization = { id: 'organization', type: 'organization', name: 'Anthology' }

export const organizationWorkspaceRoutes: readonly ReadingRoute[] = [
  {
    method: 'GET',
    path: '/v1/organizations/me',
    roles: ['billing', 'viewer'],
    operation: 'getOrganization',
    summary: 'Shows the organization',
    answer: { type: 'object' },
    example: {},
    serve: async () => organization,
  },
  {
    method: 'GET',
    path: '/v1/organizations/workspaces',
    roles: ['billing', 'viewer'],
    operation: 'listOrganizationWorkspaces',
    summary: 'Lists the workspaces, newest first',
    query: describeOptions({
      ...listParameters,
      ids: { type: 'array', items: { type: 'string' }, maxItems: 100 },
      include_archived: { type: 'boolean', default: false },
      include_default: { type: 'boolean', default: false },
    }),
    answer: { type: 'object' },
    example: {},
    serve: list,
  },
  {
    method: 'GET',
    path: '/v1/organizations/workspaces/{id}',
    roles: ['billing', 'viewer'],
    operation: 'getOrganizationWorkspace',
    summary: 'Shows a workspace',
    answer: { type: 'object' },
    example: { parameters: { id: 'default' } },
    serve: getOne,
  },
]
