import { readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'

/** The names of stored keys, workspaces and members, by id. */
export interface OwnerNames {
  readonly key: ReadonlyMap<string, string>
  readonly workspace: ReadonlyMap<string, string>
  readonly member: ReadonlyMap<string, string>
}

export async function readOwnerNames(queries: Queries): Promise<OwnerNames> {
  const keys = await queries.query('SELECT id, name FROM keys')
  return {
    key: new Map(keys.map((row) => [readText(row, 'id'), readText(row, 'name')])),
    workspace: new Map(),
    member: new Map(),
  }
}
