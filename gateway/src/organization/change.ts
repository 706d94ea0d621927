import { randomText } from '../http/request-id.ts'
import type { Role } from '../auth/roles.ts'
import type { Database, Queries } from '../store/database.ts'

/** A change of something that the admin API shows, before and after, as the API prints it. */
export interface Change<Result> {
  readonly kind: string
  readonly id: string
  /** Null for a change that concerns no single workspace. */
  readonly workspaceId: string | null
  /** Null: it did not exist. */
  readonly before: object | null
  /** Null: it is gone. */
  readonly after: object | null
  readonly result: Result
}

/** Who makes a change, and by which operation. */
export interface Author {
  readonly actor: string
  readonly role: Role
  /** The operation id of the admin API. */
  readonly action: string
  /** Null outside the admin API. */
  readonly requestId: string | null
  readonly atMs: number
}

/** Makes a change and its row of the audit log in one transaction. Neither exists without the other. */
export async function makeChange<Result>(
  database: Database,
  author: Author,
  work: (queries: Queries) => Promise<Change<Result>>,
): Promise<Result> {
  return database.transaction(async (queries) => {
    const change = await work(queries)
    await insertAudit(queries, author, change)
    return change.result
  })
}

/** Writes the row of the audit log, inside the transaction of the change. */
export async function insertAudit(queries: Queries, author: Author, change: Change<unknown>): Promise<void> {
  const { actor, role, action, requestId, atMs } = author
  const { kind, id, workspaceId, before, after } = change
  const print = (value: object | null) => (value === null ? null : JSON.stringify(value))
  await queries.query(
    `INSERT INTO audit (id, at_ms, actor, role, action, target_kind, target_id, workspace_id, value_before,
       value_after, request_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      `audit_${randomText(20)}`,
      atMs,
      actor,
      role,
      action,
      kind,
      id,
      workspaceId,
      print(before),
      print(after),
      requestId,
    ],
  )
}

/** Times as the admin API prints them; null stays null. */
export function printTime(atMs: number): string
export function printTime(atMs: number | null): string | null
export function printTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}
