import type { Role } from '../auth/roles.ts'
import { roles } from '../auth/roles.ts'
import { followRename, noteNewName } from '../budgets/follow-names.ts'
import { GatewayError } from '../errors.ts'
import { randomText } from '../http/request-id.ts'
import { readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { printTime } from './change.ts'
import type { Change } from './change.ts'
import { checkName, lockNames } from './name.ts'
import { findLiveWorkspace, maxListed } from './workspaces.ts'
import type { ListOptions } from './workspaces.ts'

/** A person. The role applies to the whole installation, within the member's workspaces. */
export interface Member {
  readonly id: string
  readonly name: string
  /** In lower case; by it a single sign-on finds the member. */
  readonly email: string | null
  readonly role: Role
  /** Ids of the workspaces that the member may see and have keys in; null: all. An admin has all. */
  readonly workspaces: readonly string[] | null
  readonly createdAtMs: number
  readonly archivedAtMs: number | null
}

/** The members that a caller sets. `workspaces` has ids or names. */
export interface MemberInput {
  readonly name: string
  readonly email?: string | null
  readonly role?: Role
  readonly workspaces?: readonly string[] | null
}

export async function createMember(
  queries: Queries,
  input: MemberInput,
  nowMs: number,
): Promise<Change<Member>> {
  await lockNames(queries)
  const blank = { email: null, role: 'member', workspaces: null, archivedAtMs: null } as const
  const base = { ...blank, id: `member_${randomText(16)}`, name: input.name, createdAtMs: nowMs }
  const member = await applyInput(queries, base, input)
  await queries.query(
    'INSERT INTO members (id, name, email, role, workspaces, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    [member.id, member.name, member.email, member.role, encodeList(member.workspaces), nowMs],
  )
  await noteNewName(queries)
  return describeChange(null, member)
}

/** Changes the given parts of a member's record and ends the member's sessions. Throws a GatewayError for an unknown or archived member. */
export async function updateMember(
  queries: Queries,
  idOrName: string,
  input: Partial<MemberInput>,
): Promise<Change<Member>> {
  await lockNames(queries)
  const before = await findLiveMember(queries, idOrName)
  const after = await applyInput(queries, before, input)
  await queries.query('UPDATE members SET name = ?, email = ?, role = ?, workspaces = ? WHERE id = ?', [
    after.name,
    after.email,
    after.role,
    encodeList(after.workspaces),
    after.id,
  ])
  await followRename(queries, 'member', { id: after.id, from: before.name, to: after.name })
  // A session has the role and the workspaces of its sign-in.
  await endSessions(queries, after)
  return describeChange(before, after)
}

/** Archives a member, revokes the member's live keys and ends the member's sessions. */
export async function archiveMember(
  queries: Queries,
  idOrName: string,
  nowMs: number,
): Promise<Change<Member>> {
  await lockNames(queries)
  const before = await findLiveMember(queries, idOrName)
  await queries.query('UPDATE members SET archived_at_ms = ? WHERE id = ?', [nowMs, before.id])
  const revoked = await queries.query(
    'UPDATE keys SET revoked_at_ms = ? WHERE member_id = ? AND revoked_at_ms IS NULL RETURNING id',
    [nowMs, before.id],
  )
  await endSessions(queries, before)
  const change = describeChange(before, { ...before, archivedAtMs: nowMs })
  const revokedKeys = revoked.map((row) => readText(row, 'id')).toSorted()
  return { ...change, after: { ...change.after, revoked_keys: revokedKeys } }
}

async function endSessions(queries: Queries, { id }: Member): Promise<void> {
  await queries.query('DELETE FROM console_sessions WHERE member_id = ?', [id])
}

/** Finds a member by the id, or a live one by the name. Throws a GatewayError if there is none. */
export async function findMember(queries: Queries, idOrName: string): Promise<Member> {
  const rows = await queries.query(
    `SELECT ${columns} FROM members WHERE id = ? OR (name = ? AND archived_at_ms IS NULL)`,
    [idOrName, idOrName],
  )
  const found = rows.map(readMember)
  const member = found.find(({ id }) => id === idOrName) ?? found[0]
  if (member === undefined)
    throw new GatewayError('not_found', `there is no member '${idOrName.slice(0, 100)}'`, {
      hint: 'List them: anthology members list',
    })
  return member
}

export async function findLiveMember(queries: Queries, idOrName: string): Promise<Member> {
  const member = await findMember(queries, idOrName)
  if (member.archivedAtMs !== null)
    throw new GatewayError('conflict', `the member '${member.name}' is archived`)
  return member
}

/** Finds a live member by the email of a single sign-on; null if there is none. */
export async function findMemberByEmail(queries: Queries, email: string): Promise<Member | null> {
  const [row] = await queries.query(
    `SELECT ${columns} FROM members WHERE email = ? AND archived_at_ms IS NULL`,
    [email.trim().toLowerCase()],
  )
  return row === undefined ? null : readMember(row)
}

/** Lists members in the order of their creation, `limit` at most, after a place. */
export async function listMembers(
  queries: Queries,
  { after = null, limit, archived = false }: ListOptions = {},
): Promise<readonly Member[]> {
  const [createdAtMs, id] = after ?? [-1, '']
  const rows = await queries.query(
    `SELECT ${columns} FROM members
     WHERE (created_at_ms > ? OR (created_at_ms = ? AND id > ?)) ${archived ? '' : 'AND archived_at_ms IS NULL'}
     ORDER BY created_at_ms, id LIMIT ?`,
    [createdAtMs, createdAtMs, id, limit ?? maxListed],
  )
  return rows.map(readMember)
}

export function printMember({ id, name, email, role, workspaces, createdAtMs, archivedAtMs }: Member) {
  const [created, archived] = [printTime(createdAtMs), printTime(archivedAtMs)]
  return { id, name, email, role, workspaces, created_at: created, archived_at: archived }
}

async function applyInput(queries: Queries, base: Member, input: Partial<MemberInput>): Promise<Member> {
  const { workspaces = base.workspaces, role = base.role, email = base.email } = input
  const ids = []
  for (const each of workspaces ?? []) ids.push((await findLiveWorkspace(queries, each)).id)
  const member = {
    ...base,
    name: input.name === undefined ? base.name : checkName(input.name),
    email: email === null ? null : checkEmail(email),
    role: checkRole(role),
    workspaces: workspaces === null ? null : [...new Set(ids)],
  }
  // An admin of some workspaces could make an admin of all.
  if (member.role === 'admin' && member.workspaces !== null)
    throw new GatewayError('invalid_value', 'workspaces: an admin sees all workspaces')
  await requireFree(queries, member)
  return member
}

function checkEmail(text: string): string {
  const email = text.trim().toLowerCase()
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email))
    throw new GatewayError('invalid_value', 'email: must be an address such as ann@example.com')
  return email
}

function checkRole(role: string): Role {
  const known = roles.find((each) => each === role)
  if (known === undefined) throw new GatewayError('invalid_value', `role: must be one of ${roles.join(', ')}`)
  return known
}

async function requireFree(queries: Queries, { id, name, email }: Member): Promise<void> {
  const taken = await queries.query(
    'SELECT name FROM members WHERE id <> ? AND (id = ? OR ((name = ? OR email = ?) AND archived_at_ms IS NULL))',
    [id, name, name, email],
  )
  const [row] = taken
  if (row === undefined) return
  const isName = taken.some((each) => each['name'] === name)
  const what = isName ? `is named '${name}'` : `has the email ${String(email)}`
  throw new GatewayError('name_taken', `a live member ${what} already`)
}

function describeChange(before: Member | null, after: Member): Change<Member> {
  return {
    kind: 'member',
    id: after.id,
    workspaceId: null,
    before: before === null ? null : printMember(before),
    after: printMember(after),
    result: after,
  }
}

const columns = 'id, name, email, role, workspaces, created_at_ms, archived_at_ms'

function readMember(row: SqlRow): Member {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    email: readNullable(row, 'email', readText),
    role: checkRole(readText(row, 'role')),
    workspaces: readNullable(row, 'workspaces', readList),
    createdAtMs: readNumber(row, 'created_at_ms'),
    archivedAtMs: readNullable(row, 'archived_at_ms', readNumber),
  }
}

function encodeList(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list)
}

function readList(row: SqlRow, column: string): readonly string[] {
  return JSON.parse(readText(row, column)) as string[] // Written by `encodeList`.
}
