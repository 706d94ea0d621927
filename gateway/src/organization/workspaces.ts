import { defaultWorkspaceId } from '../auth/key-record.ts'
import { followRename, noteNewName } from '../budgets/follow-names.ts'
import { GatewayError } from '../errors.ts'
import { randomText } from '../http/request-id.ts'
import { readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { printTime } from './change.ts'
import type { Change } from './change.ts'
import { checkName, lockNames } from './name.ts'

/** A team: it has keys, budgets and members of its own. */
export interface Workspace {
  readonly id: string
  readonly name: string
  readonly createdAtMs: number
  readonly archivedAtMs: number | null
}

/** The default workspace, and those of the configuration, are created where they are missing. */
export async function ensureWorkspaces(
  queries: Queries,
  names: readonly string[],
  nowMs: number,
): Promise<void> {
  const rows = await queries.query('SELECT name FROM workspaces WHERE archived_at_ms IS NULL')
  const known = new Set(rows.map((row) => readText(row, 'name')))
  // Without a missing one nothing is written, so that a start needs no free disk space.
  const missing = [defaultWorkspaceId, ...names.map(checkName)].filter((name) => !known.has(name))
  for (const name of missing) {
    const id = name === defaultWorkspaceId ? defaultWorkspaceId : createWorkspaceId()
    await queries.query(
      'INSERT INTO workspaces (id, name, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      [id, name, nowMs],
    )
  }
  if (missing.length > 0) await noteNewName(queries)
}

export async function createWorkspace(
  queries: Queries,
  { name }: Pick<Workspace, 'name'>,
  nowMs: number,
): Promise<Change<Workspace>> {
  const workspace = { id: createWorkspaceId(), name: checkName(name), createdAtMs: nowMs, archivedAtMs: null }
  await lockNames(queries)
  await requireFreeName(queries, workspace)
  await queries.query('INSERT INTO workspaces (id, name, created_at_ms) VALUES (?, ?, ?)', [
    workspace.id,
    workspace.name,
    nowMs,
  ])
  await noteNewName(queries)
  return describeChange(null, workspace)
}

export async function renameWorkspace(
  queries: Queries,
  idOrName: string,
  name: string,
): Promise<Change<Workspace>> {
  await lockNames(queries)
  const before = await findLiveWorkspace(queries, idOrName)
  rejectDefault(before, 'renamed')
  const after = { ...before, name: checkName(name) }
  await requireFreeName(queries, after)
  await queries.query('UPDATE workspaces SET name = ? WHERE id = ?', [after.name, after.id])
  await followRename(queries, 'workspace', { id: after.id, from: before.name, to: after.name })
  return describeChange(before, after)
}

/** Archives a workspace and revokes its live keys. Its calls and its usage stay. */
export async function archiveWorkspace(
  queries: Queries,
  idOrName: string,
  nowMs: number,
): Promise<Change<Workspace>> {
  await lockNames(queries)
  const before = await findLiveWorkspace(queries, idOrName)
  rejectDefault(before, 'archived')
  const after = { ...before, archivedAtMs: nowMs }
  await queries.query('UPDATE workspaces SET archived_at_ms = ? WHERE id = ?', [nowMs, after.id])
  const revoked = await queries.query(
    'UPDATE keys SET revoked_at_ms = ? WHERE workspace_id = ? AND revoked_at_ms IS NULL RETURNING id',
    [nowMs, after.id],
  )
  const change = describeChange(before, after)
  const revokedKeys = revoked.map((row) => readText(row, 'id')).toSorted()
  return { ...change, after: { ...change.after, revoked_keys: revokedKeys } }
}

/**
 * Finds a workspace by its id, or by its name: the live one, or the only archived one. Throws a GatewayError if there is
 * none.
 */
export async function findWorkspace(queries: Queries, idOrName: string): Promise<Workspace> {
  const rows = await queries.query(`SELECT ${columns} FROM workspaces WHERE id = ? OR name = ?`, [
    idOrName,
    idOrName,
  ])
  const found = rows.map(readWorkspace)
  const workspace =
    found.find(({ id }) => id === idOrName) ??
    found.find(({ archivedAtMs }) => archivedAtMs === null) ??
    (found.length === 1 ? found[0] : undefined)
  if (workspace === undefined)
    throw new GatewayError('not_found', `there is no workspace '${idOrName.slice(0, 100)}'`, {
      hint: 'List them: anthology workspaces list',
    })
  return workspace
}

export async function findLiveWorkspace(queries: Queries, idOrName: string): Promise<Workspace> {
  const workspace = await findWorkspace(queries, idOrName)
  if (workspace.archivedAtMs !== null)
    throw new GatewayError('conflict', `the workspace '${workspace.name}' is archived`)
  return workspace
}

/** Lists workspaces in the order of their creation, `limit` at most, after a place. */
export async function listWorkspaces(
  queries: Queries,
  {
    after = null,
    limit,
    archived = false,
    ids = null,
  }: ListOptions & { ids?: ReadonlySet<string> | null } = {},
): Promise<readonly Workspace[]> {
  const [createdAtMs, id] = after ?? [-1, '']
  const visible = ids === null ? '' : `AND id IN (${[...ids].map(() => '?').join(', ') || 'NULL'})`
  const rows = await queries.query(
    `SELECT ${columns} FROM workspaces
     WHERE (created_at_ms > ? OR (created_at_ms = ? AND id > ?)) ${archived ? '' : 'AND archived_at_ms IS NULL'}
       ${visible}
     ORDER BY created_at_ms, id LIMIT ?`,
    [createdAtMs, createdAtMs, id, ...(ids ?? []), limit ?? maxListed],
  )
  return rows.map(readWorkspace)
}

/** The start of a page of a list that is ordered by creation, and whether archived rows are part of it. */
export interface ListOptions {
  readonly after?: readonly [createdAtMs: number, id: string] | null
  readonly limit?: number
  readonly archived?: boolean
}

/** The most rows that a command lists. */
export const maxListed = 100_000

export function printWorkspace({ id, name, createdAtMs, archivedAtMs }: Workspace) {
  return { id, name, created_at: printTime(createdAtMs), archived_at: printTime(archivedAtMs) }
}

function describeChange(before: Workspace | null, after: Workspace): Change<Workspace> {
  return {
    kind: 'workspace',
    id: after.id,
    workspaceId: after.id,
    before: before === null ? null : printWorkspace(before),
    after: printWorkspace(after),
    result: after,
  }
}

function rejectDefault({ id }: Workspace, change: string): void {
  if (id === defaultWorkspaceId)
    throw new GatewayError('conflict', `the workspace 'default' cannot be ${change}`)
}

async function requireFreeName(queries: Queries, { id, name }: Workspace): Promise<void> {
  const taken = await queries.query(
    'SELECT 1 FROM workspaces WHERE id <> ? AND (id = ? OR (name = ? AND archived_at_ms IS NULL))',
    [id, name, name],
  )
  if (taken.length > 0) throw new GatewayError('name_taken', `a live workspace is named '${name}' already`)
}

const columns = 'id, name, created_at_ms, archived_at_ms'

function readWorkspace(row: SqlRow): Workspace {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    createdAtMs: readNumber(row, 'created_at_ms'),
    archivedAtMs: readNullable(row, 'archived_at_ms', readNumber),
  }
}

function createWorkspaceId(): string {
  return `workspace_${randomText(16)}`
}
