import { readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'

/** The names of stored keys, workspaces and members, by id. */
export interface OwnerNames {
  readonly key: ReadonlyMap<string, string>
  readonly workspace: ReadonlyMap<string, string>
  readonly member: ReadonlyMap<string, string>
}

export async function readOwnerNames(queries: Queries): Promise<OwnerNames> {
  const read = async (table: 'keys' | 'workspaces' | 'members') => {
    const rows = await queries.query(`SELECT id, name FROM ${table}`)
    return new Map(rows.map((row) => [readText(row, 'id'), readText(row, 'name')]))
  }
  return { key: await read('keys'), workspace: await read('workspaces'), member: await read('members') }
}
