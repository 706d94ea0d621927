import { readText } from '../../store/database.ts'
import type { Queries } from '../../store/database.ts'

/** The names of keys, workspaces and members by id. */
export interface Names {
  /** Null for an id without a name, such as that of a built-in key. */
  find(kind: NameKind, id: unknown): string | null
}

type NameKind = 'keys' | 'workspaces' | 'members'

/** Reads all names: an installation has some thousands at most. */
export async function readNames(queries: Queries): Promise<Names> {
  const found = new Map<NameKind, ReadonlyMap<string, string>>()
  for (const kind of ['keys'] as const) {
    const rows = await queries.query(`SELECT id, name FROM ${kind}`)
    found.set(kind, new Map(rows.map((row) => [readText(row, 'id'), readText(row, 'name')])))
  }
  return { find: (kind, id) => (typeof id === 'string' ? (found.get(kind)?.get(id) ?? null) : null) }
}
