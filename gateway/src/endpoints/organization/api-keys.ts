import type { KeyRecord } from '../../auth/key-record.ts'
import { ApiError } from '../../errors.ts'
import { printTime } from '../../organization/change.ts'
import { findKeys, getKey, getKeyStatus } from '../../organization/keys.ts'
import type { AdminRequest, ReadingRoute } from '../admin/route.ts'
import { describeOptions } from '../admin/schema.ts'
import { listParameters, pageList } from './list-page.ts'
import type { ListQuery } from './list-page.ts'

interface KeyQuery extends ListQuery {
  readonly status?: string
  readonly workspace_id?: string
  readonly created_by_user_id?: string
}

async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { status, workspace_id: workspaceId, created_by_user_id: memberId, ...page } = query as KeyQuery // Validated.
  const nowMs = context.nowMs()
  const visible = caller.workspaces === null ? null : [...caller.workspaces]
  const workspaceIds =
    workspaceId === undefined ? visible : (visible ?? [workspaceId]).filter((id) => id === workspaceId)
  const found = await findKeys(context.database, { workspaceIds, memberId, nowMs })
  const keys = found.map((key) => print(key, nowMs))
  const wanted = keys.filter((key) => status === undefined || key.status === status)
  return pageList(wanted.toReversed(), page, 'API key')
}

async function getOne({ context, caller, parameters }: AdminRequest): Promise<object> {
  const key = await getKey(context.database, parameters['id'] ?? '')
  if (caller.workspaces?.has(key.workspaceId) === false)
    throw new ApiError('unknown_resource', `there is no key '${key.id}'`)
  return print(key, context.nowMs())
}

/** A key of Anthropic's Admin API; a revoked one is `archived`. The member to whom it belongs is its principal. */
function print(key: KeyRecord, nowMs: number) {
  const status = getKeyStatus(key, nowMs)
  const { memberId } = key
  return {
    id: key.id,
    type: 'api_key',
    name: key.name,
    created_at: printTime(key.createdAtMs),
    created_by: memberId === null ? null : { id: memberId, type: 'user' },
    expires_at: printTime(key.expiresAtMs),
    partial_key_hint: key.hint,
    principal: memberId === null ? null : { type: 'user_actor', user_id: memberId },
    scope: { type: 'workspace', workspace_id: key.workspaceId },
    status: status === 'revoked' ? 'archived' : status,
    workspace_id: key.workspaceId,
  }
}

const roles = ['billing', 'viewer'] as const

export const apiKeyRoutes: readonly ReadingRoute[] = [
  {
    method: 'GET',
    path: '/v1/organizations/api_keys',
    roles,
    operation: 'listOrganizationKeys',
    summary: 'Lists the keys, newest first',
    query: describeOptions({
      ...listParameters,
      status: { enum: ['active', 'archived', 'expired', 'inactive'] },
      workspace_id: { type: 'string', maxLength: 200 },
      created_by_user_id: { type: 'string', maxLength: 200 },
    }),
    answer: { type: 'object' },
    example: {},
    serve: list,
  },
  {
    method: 'GET',
    path: '/v1/organizations/api_keys/{id}',
    roles,
    operation: 'getOrganizationKey',
    summary: 'Shows a key',
    answer: { type: 'object' },
    example: { parameters: { id: 'key_example' } },
    serve: getOne,
  },
]
