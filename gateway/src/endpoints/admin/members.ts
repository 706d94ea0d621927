import { roles } from '../../auth/roles.ts'
import { ApiError } from '../../errors.ts'
import type { Change } from '../../organization/change.ts'
import {
  archiveMember,
  createMember,
  findMember,
  listMembers,
  printMember,
  updateMember,
} from '../../organization/members.ts'
import type { Member, MemberInput } from '../../organization/members.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'
import type { Schema } from './schema.ts'

const input: Readonly<Record<string, Schema>> = {
  name: describeText('Unique among live members.', { minLength: 1, maxLength: 200 }),
  email: orNull(describeText('The address by which a single sign-on finds the member.', { maxLength: 254 })),
  role: { enum: roles, description: 'Default: member.' },
  workspaces: orNull({
    ...describeArray({ type: 'string' }, 'Ids of the workspaces that the member may see; null: all.'),
    maxItems: 1_000,
  }),
}

const member = describeObject(
  {
    id: { type: 'string' },
    ...input,
    created_at: describeTime('When the member was created.'),
    archived_at: orNull(describeTime('When the member was archived; null: the member is live.')),
  },
  { title: 'Member' },
)

async function list({ context, query }: AdminRequest): Promise<object> {
  const { limit, after, archived } = query as PageQuery & { readonly archived: boolean } // Validated.
  const place = decodePlace(after, ['number', 'string']) as [number, string] | null // Its types were checked.
  const rows = await listMembers(context.database, { after: place, limit: limit + 1, archived })
  return makePage(rows, limit, { print: printMember, place: (row: Member) => [row.createdAtMs, row.id] })
}

/** The member who calls. The admin key is no member. */
async function getSelf({ context, caller }: AdminRequest): Promise<object> {
  const { role, actor, memberId, workspaces } = caller
  const found = memberId === null ? null : printMember(await findMember(context.database, memberId))
  return { role, actor, workspaces: workspaces === null ? null : [...workspaces], member: found }
}

/** A change by which a member would lose the own role of an admin can only be made by another admin. */
function rejectOwn({ caller }: AdminRequest, { id }: Member): void {
  if (caller.memberId === id)
    throw new ApiError('conflict', 'admins cannot archive themselves or change their own role')
}

function printResult(change: Change<Member>): Change<object> {
  return { ...change, result: printMember(change.result) }
}

const path = '/admin/v1/members'
const example = { parameters: { id: 'Example member' } }

export const memberRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/me',
    roles,
    operation: 'getCaller',
    summary: 'Shows the caller with its role',
    answer: describeObject({
      role: { enum: roles },
      actor: describeText('The name of the caller in the audit log.'),
      workspaces: orNull(
        describeArray({ type: 'string' }, 'The workspaces that the caller sees; null: all.'),
      ),
      member: orNull(member),
    }),
    example: {},
    serve: getSelf,
  },
  {
    method: 'GET',
    path,
    roles: ['billing', 'viewer'],
    operation: 'listMembers',
    summary: 'Lists the members, oldest first',
    query: describeOptions({
      ...pageParameters,
      archived: { type: 'boolean', default: false, description: 'List archived ones too.' },
    }),
    answer: describePage(member),
    example: { query: 'limit=10' },
    serve: list,
  },
  {
    method: 'POST',
    path,
    roles: [],
    operation: 'createMember',
    summary: 'Creates a member',
    body: describeObject(input, { optional: ['email', 'role', 'workspaces'] }),
    answer: member,
    status: 201,
    example: { body: { name: 'Example member', email: 'ann@example.com', role: 'viewer' } },
    change: async ({ context, body }, queries) =>
      printResult(await createMember(queries, body as MemberInput, context.nowMs())), // Validated by the schema.
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    roles: ['billing', 'viewer'],
    operation: 'getMember',
    summary: 'Shows a member, by the id or name',
    answer: member,
    example,
    serve: async ({ context, parameters }) =>
      printMember(await findMember(context.database, parameters['id'] ?? '')),
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    roles: [],
    operation: 'updateMember',
    summary: 'Changes a member',
    body: describeOptions(input),
    answer: member,
    example: { ...example, body: { role: 'billing' } },
    change: async (request, queries) => {
      const given = request.body as Partial<MemberInput> // Validated by the schema.
      const change = await updateMember(queries, request.parameters['id'] ?? '', given)
      if (given.role !== undefined && given.role !== 'admin') rejectOwn(request, change.result)
      return printResult(change)
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    roles: [],
    operation: 'archiveMember',
    summary: 'Archives a member and revokes their keys; their calls and their usage stay',
    answer: member,
    example,
    change: async (request, queries) => {
      const change = await archiveMember(queries, request.parameters['id'] ?? '', request.context.nowMs())
      rejectOwn(request, change.result)
      return printResult(change)
    },
  },
]
