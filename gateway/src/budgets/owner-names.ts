import { readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import type { OwnerNames } from './scope.ts'

/** Reads the names of workspaces and members. */
export async function readOwnerNames(queries: Queries): Promise<OwnerNames> {
  const [workspaces, members] = await Promise.all([
    readNames(queries, 'workspaces'),
    readNames(queries, 'members'),
  ])
  return { workspaces, members }
}

async function readNames(queries: Queries, table: string): Promise<ReadonlyMap<string, string>> {
  try {
    const rows = await queries.query(`SELECT id, name FROM ${table}`)
    return new Map(rows.map((row) => [readText(row, 'id'), readText(row, 'name')]))
  } catch {
    // TODO-MERGE: the table comes with workspaces and members.
    return new Map()
  }
}
