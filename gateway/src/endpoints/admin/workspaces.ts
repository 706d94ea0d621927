import { roles } from '../../auth/roles.ts'
import { ApiError } from '../../errors.ts'
import {
  archiveWorkspace,
  createWorkspace,
  findWorkspace,
  listWorkspaces,
  printWorkspace,
  renameWorkspace,
} from '../../organization/workspaces.ts'
import type { Workspace } from '../../organization/workspaces.ts'
import type { Change } from '../../organization/change.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'

const name = describeText('Unique among live workspaces.', { minLength: 1, maxLength: 200 })

const workspace = describeObject(
  {
    id: { type: 'string' },
    name,
    created_at: describeTime('When it was created.'),
    archived_at: orNull(describeTime('When it was archived; null: it is live.')),
  },
  { title: 'Workspace' },
)

const archivedParameter = {
  archived: { type: 'boolean', default: false, description: 'List archived ones too.' },
} as const

async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { limit, after, archived } = query as PageQuery & { readonly archived: boolean } // Validated.
  const place = decodePlace(after, ['number', 'string']) as [number, string] | null // Its types were checked.
  const rows = await listWorkspaces(context.database, {
    after: place,
    limit: limit + 1,
    archived,
    ids: caller.workspaces,
  })
  return makePage(rows, limit, {
    print: printWorkspace,
    place: (row: Workspace) => [row.createdAtMs, row.id],
  })
}

async function getOne({ context, caller, parameters }: AdminRequest): Promise<object> {
  const found = await findWorkspace(context.database, parameters['id'] ?? '')
  if (caller.workspaces?.has(found.id) === false)
    throw new ApiError('unknown_resource', `there is no workspace '${found.id}'`)
  return printWorkspace(found)
}

function printResult(change: Change<Workspace>): Change<object> {
  return { ...change, result: printWorkspace(change.result) }
}

const path = '/admin/v1/workspaces'
const example = { parameters: { id: 'Example workspace' } }

export const workspaceRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    roles,
    operation: 'listWorkspaces',
    summary: 'Lists the workspaces, oldest first',
    query: describeOptions({ ...pageParameters, ...archivedParameter }),
    answer: describePage(workspace),
    example: { query: 'limit=10' },
    serve: list,
  },
  {
    method: 'POST',
    path,
    roles: [],
    operation: 'createWorkspace',
    summary: 'Creates a workspace',
    body: describeObject({ name }),
    answer: workspace,
    status: 201,
    example: { body: { name: 'Example workspace' } },
    change: async ({ context, body }, queries) =>
      printResult(await createWorkspace(queries, body as Pick<Workspace, 'name'>, context.nowMs())), // Validated.
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    roles,
    operation: 'getWorkspace',
    summary: 'Shows a workspace, by its id or name',
    answer: workspace,
    example,
    serve: getOne,
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    roles: [],
    operation: 'updateWorkspace',
    summary: 'Renames a workspace',
    body: describeObject({ name }),
    answer: workspace,
    example: { ...example, body: { name: 'Example workspace' } },
    change: async ({ parameters, body }, queries) => {
      const given = body as Pick<Workspace, 'name'> // Validated by the schema.
      return printResult(await renameWorkspace(queries, parameters['id'] ?? '', given.name))
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    roles: [],
    operation: 'archiveWorkspace',
    summary: 'Archives a workspace and revokes its keys; its calls and its usage stay',
    answer: workspace,
    example,
    change: async ({ context, parameters }, queries) =>
      printResult(await archiveWorkspace(queries, parameters['id'] ?? '', context.nowMs())),
  },
]
