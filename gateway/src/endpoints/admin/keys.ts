import { createCredentialsRecord, deriveCredentials } from '../../auth/aws-credentials.ts'
import type { Caller } from '../../auth/caller.ts'
import { createKey, createKeySecret } from '../../auth/key-ring.ts'
import type { KeyRecord } from '../../auth/key-record.ts'
import { roles } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { LastUse } from '../../ledger/last-uses.ts'
import type { Change } from '../../organization/change.ts'
import {
  findKeys,
  findLiveKey,
  getKey,
  getKeyStatus,
  insertKey,
  printKey,
  revokeKey,
  rotateKey,
  updateKey,
} from '../../organization/keys.ts'
import type { KeyStatus } from '../../organization/keys.ts'
import { findLiveMember } from '../../organization/members.ts'
import { readPermissions } from '../../organization/key-input.ts'
import type { PermissionsInput } from '../../organization/key-input.ts'
import { findLiveWorkspace, findWorkspace } from '../../organization/workspaces.ts'
import type { Queries } from '../../store/database.ts'
import { createdKey, key, keyChange, keyInput, keyQuery, listedKey, rotation } from './key-schema.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describePage } from './schema.ts'

interface KeyInput extends PermissionsInput {
  readonly name?: string
  readonly workspace_id?: string
  readonly member_id?: string | null
  readonly aws?: boolean
}

interface KeyQuery extends PageQuery {
  readonly workspace_id?: string
  readonly member_id?: string
  readonly status?: KeyStatus
}

/** Whether a caller may see a key: a member sees their own, everybody else those of their workspaces. */
function maySee({ role, memberId, workspaces }: Caller, found: KeyRecord): boolean {
  if (role === 'member' && found.memberId !== memberId) return false
  return workspaces === null || workspaces.has(found.workspaceId)
}

/** Finds a key by its id, or a live one by its name. One that the caller may not see does not exist. */
async function findVisible(queries: Queries, caller: Caller, idOrName: string): Promise<KeyRecord> {
  const found = idOrName.startsWith('key_')
    ? await getKey(queries, idOrName)
    : await findLiveKey(queries, idOrName)
  if (maySee(caller, found)) return found
  throw new ApiError('unknown_resource', `there is no key '${idOrName.slice(0, 100)}'`)
}

function print(found: KeyRecord, nowMs: number): object {
  return { ...printKey(found), status: getKeyStatus(found, nowMs) }
}

async function list({ context, caller, read, query }: AdminRequest): Promise<object> {
  const { limit, after, workspace_id: workspace, member_id: memberId, status } = query as KeyQuery // Validated.
  const { database } = context
  const nowMs = context.nowMs()
  const wanted = workspace === undefined ? null : (await findWorkspace(database, workspace)).id
  const visible = caller.workspaces === null ? null : [...caller.workspaces]
  const place = decodePlace(after, ['number', 'string']) as [number, string] | null // Its types were checked.
  // A member sees the own keys only, whatever the query asks for.
  if (caller.role === 'member' && memberId !== undefined && memberId !== caller.memberId)
    return { data: [], next: null }
  const rows = await findKeys(database, {
    after: place,
    limit: limit + 1,
    workspaceIds: wanted === null ? visible : (visible ?? [wanted]).filter((id) => id === wanted),
    memberId: caller.role === 'member' ? (caller.memberId ?? '') : memberId,
    status,
    nowMs,
  })
  const uses = await read(
    'readLastUses',
    rows.map(({ id }) => id),
  )
  return makePage(rows, limit, {
    print: (row) => ({ ...print(row, nowMs), last_use: printUse(uses.get(row.id)) }),
    place: (row) => [row.createdAtMs, row.id],
  })
}

function printUse(use: LastUse | undefined): object | null {
  return use === undefined ? null : { at: new Date(use.atMs).toISOString(), within_hour: !use.isExact }
}

async function create({ context, caller, body }: AdminRequest, queries: Queries): Promise<Change<object>> {
  const { name, workspace_id: workspace = 'default', aws: withAws = false, ...input } = body as KeyInput // Validated.
  const nowMs = context.nowMs()
  const workspaceId = (await findLiveWorkspace(queries, workspace)).id
  const owner = { workspaceId, memberId: await chooseMember(queries, caller, input.member_id) }
  if (caller.workspaces?.has(workspaceId) === false)
    throw new ApiError('unknown_resource', `there is no workspace '${workspace}'`)
  const permissions = readPermissions(input, { resolveModel: context.resolveModel, nowMs })
  const { models = null, ...more } = permissions
  const made = createKey(name ?? null, models, nowMs, { ...more, ...owner })
  const record = { ...made.record, aws: withAws ? createCredentialsRecord() : null }
  const change = await insertKey(queries, record)
  return { ...change, result: show(context, change.result, made.secret) }
}

/** A member creates keys for no one else. */
async function chooseMember(
  queries: Queries,
  { role, memberId: callerId }: Caller,
  wanted: string | null | undefined,
): Promise<string | null> {
  const memberId = wanted === undefined || wanted === null ? null : (await findLiveMember(queries, wanted)).id
  if (role !== 'member') return memberId
  if (memberId === null || memberId === callerId) return callerId
  throw new ApiError('role_required', 'a member can create keys only for themselves')
}

async function update({ context, caller, parameters, body }: AdminRequest, queries: Queries) {
  const { name, member_id: member, ...input } = body as KeyInput // Validated by the schema.
  const nowMs = context.nowMs()
  const { id } = await findVisible(queries, caller, parameters['id'] ?? '')
  const permissions = readPermissions(input, { resolveModel: context.resolveModel, nowMs })
  const memberId =
    member === undefined || member === null ? member : (await findLiveMember(queries, member)).id
  const change = await updateKey(queries, id, {
    ...permissions,
    ...(name !== undefined && { name }),
    ...(memberId !== undefined && { memberId }),
  })
  return { ...change, result: print(change.result, nowMs) }
}

async function rotate({ context, caller, parameters, body }: AdminRequest, queries: Queries) {
  const { overlap_seconds: overlapSeconds } = body as { readonly overlap_seconds: number } // Validated; has a default.
  const { id } = await findVisible(queries, caller, parameters['id'] ?? '')
  const { secret, ...stored } = createKeySecret()
  const validUntilMs = context.nowMs() + overlapSeconds * 1_000
  const change = await rotateKey(queries, id, { ...stored, aws: createCredentialsRecord(), validUntilMs })
  return { ...change, result: show(context, change.result, secret) }
}

async function revoke({ context, caller, parameters }: AdminRequest, queries: Queries) {
  const nowMs = context.nowMs()
  const { id } = await findVisible(queries, caller, parameters['id'] ?? '')
  const change = await revokeKey(queries, id, nowMs)
  return { ...change, result: print(change.result, nowMs) }
}

/** A key with its secret, which is shown only once. */
function show(
  { getRootSecret, nowMs }: Pick<Context, 'getRootSecret' | 'nowMs'>,
  record: KeyRecord,
  secret: string,
): object {
  const credentials = record.aws === null ? null : deriveCredentials(record.aws, getRootSecret())
  return {
    ...print(record, nowMs()),
    key: secret,
    aws_secret_access_key: credentials?.secretAccessKey ?? null,
  }
}

const path = '/admin/v1/keys'
const example = { parameters: { id: 'Example key' } }

export const keyRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    roles,
    operation: 'listKeys',
    summary: 'Lists the keys, oldest first; a member sees the own ones',
    query: keyQuery,
    answer: describePage(listedKey),
    example: { query: 'limit=10&status=active' },
    serve: list,
  },
  {
    method: 'POST',
    path,
    roles: ['member'],
    operation: 'createKey',
    summary: 'Creates a key; a member creates it for themselves',
    body: keyInput,
    answer: createdKey,
    status: 201,
    example: { body: { name: 'Example key', models: ['claude-haiku-4-5'], protocols: ['messages'] } },
    change: create,
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    roles,
    operation: 'getKey',
    summary: 'Shows a key by its id, or a live one by its name',
    answer: key,
    example,
    serve: async ({ context, caller, parameters }) =>
      print(await findVisible(context.database, caller, parameters['id'] ?? ''), context.nowMs()),
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    roles: [],
    operation: 'updateKey',
    summary: 'Changes the name, the owner or the permissions of a live key',
    body: keyChange,
    answer: key,
    example: { ...example, body: { ip_ranges: ['10.0.0.0/8', '::1'], rates: { requests_per_minute: 60 } } },
    change: update,
  },
  {
    method: 'POST',
    path: `${path}/{id}/rotate`,
    roles: ['member'],
    operation: 'rotateKey',
    summary: 'Gives a key a new secret; the present one stays valid for a while',
    body: rotation,
    answer: createdKey,
    example: { ...example, body: { overlap_seconds: 3_600 } },
    change: rotate,
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    roles: ['member'],
    operation: 'revokeKey',
    summary: 'Revokes a key within a second in every process',
    answer: key,
    example,
    change: revoke,
  },
]
