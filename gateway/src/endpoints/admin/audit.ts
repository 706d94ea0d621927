import { roles } from '../../auth/roles.ts'
import { printTime } from '../../organization/change.ts'
import { readNullable, readNumber, readText } from '../../store/database.ts'
import type { SqlRow, SqlValue } from '../../store/database.ts'
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

const entry = describeObject(
  {
    id: { type: 'string' },
    at: describeTime('When it was changed.'),
    actor: describeText('Who changed it: admin-key, cli, or the id of a member.'),
    role: { enum: roles },
    action: describeText('The operation id.'),
    target: describeObject({ kind: { type: 'string' }, id: { type: 'string' } }),
    workspace_id: orNull({ type: 'string' }),
    before: orNull({ type: 'object', description: 'The value before; null: it did not exist.' }),
    after: orNull({ type: 'object', description: 'The value after; null: it is gone.' }),
    request_id: orNull({ type: 'string' }),
  },
  { title: 'AuditEntry' },
)

interface AuditQuery extends PageQuery {
  readonly target?: string
  readonly actor?: string
  readonly action?: string
}

async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { limit, after, target, actor, action } = query as AuditQuery // Validated by the schema.
  const conditions: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...given: readonly SqlValue[]): void => {
    conditions.push(condition)
    values.push(...given)
  }
  const place = decodePlace(after, ['number', 'string'])
  if (place !== null) {
    const [atMs = 0, id = ''] = place
    add('(at_ms < ? OR (at_ms = ? AND id < ?))', atMs, atMs, id)
  }
  if (target !== undefined) add('target_id = ?', target)
  if (actor !== undefined) add('actor = ?', actor)
  if (action !== undefined) add('action = ?', action)
  if (caller.workspaces !== null)
    add(
      `workspace_id IN (${[...caller.workspaces].map(() => '?').join(', ') || 'NULL'})`,
      ...caller.workspaces,
    )
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const rows = await context.database.query(
    `SELECT * FROM audit ${where} ORDER BY at_ms DESC, id DESC LIMIT ?`,
    [...values, limit + 1],
  )
  return makePage(rows, limit, {
    print: printEntry,
    place: (row) => [readNumber(row, 'at_ms'), readText(row, 'id')],
  })
}

function printEntry(row: SqlRow): object {
  return {
    id: readText(row, 'id'),
    at: printTime(readNumber(row, 'at_ms')),
    actor: readText(row, 'actor'),
    role: readText(row, 'role'),
    action: readText(row, 'action'),
    target: { kind: readText(row, 'target_kind'), id: readText(row, 'target_id') },
    workspace_id: readNullable(row, 'workspace_id', readText),
    before: readNullable(row, 'value_before', readJson),
    after: readNullable(row, 'value_after', readJson),
    request_id: readNullable(row, 'request_id', readText),
  }
}

function readJson(row: SqlRow, column: string): unknown {
  return JSON.parse(readText(row, column))
}

export const auditRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/audit',
    roles: ['viewer'],
    operation: 'listAuditEntries',
    summary: 'Lists the changes, newest first',
    query: describeOptions({
      ...pageParameters,
      target: describeText('The id of the thing that was changed.', { maxLength: 200 }),
      actor: describeText('Who changed it.', { maxLength: 200 }),
      action: describeText('The operation id.', { maxLength: 100 }),
    }),
    answer: describePage(entry),
    example: { query: 'limit=10' },
    serve: list,
  },
]
