import type { Key, KeyRing } from '../auth/key-ring.ts'
import { findLiveWorkspace } from '../organization/workspaces.ts'
import type { Queries } from '../store/database.ts'

/** A workspace of `anthology.yaml`. */
export interface WorkspaceConfig {
  readonly name: string
  /** The regions of the upstreams that its keys may use; default: all. */
  readonly regions?: readonly string[]
}

/** The regions of workspaces by the id of the workspace; one that is missing may use all. */
export type WorkspaceRegions = Map<string, ReadonlySet<string>>

/** Reads the ids of the configured workspaces, which exist by then. A workspace that is renamed keeps its regions. */
export async function readWorkspaceRegions(
  queries: Queries,
  workspaces: readonly WorkspaceConfig[],
  regions: WorkspaceRegions,
): Promise<void> {
  for (const { name, regions: allowed } of workspaces) {
    if (allowed === undefined) continue
    const { id } = await findLiveWorkspace(queries, name)
    regions.set(id, new Set(allowed))
  }
}

/** Wraps a key ring: each key may use only the regions that both its workspace and the key itself allow. */
export function limitRegions(ring: KeyRing, regions: WorkspaceRegions): KeyRing {
  const known = new WeakMap<Key, Key>()
  const limit = (key: Key): Key => {
    if (!regions.has(key.workspaceId)) return key
    const found = known.get(key)
    if (found !== undefined) return found
    const limited = { ...key, regions: intersect(key.regions, regions.get(key.workspaceId) ?? null) }
    known.set(key, limited)
    return limited
  }
  return {
    ...ring,
    find(secret) {
      const key = ring.find(secret)
      return key && limit(key)
    },
    findNamed(idOrName) {
      const key = ring.findNamed(idOrName)
      return key && limit(key)
    },
    findCredentials(accessKeyId) {
      const credentials = ring.findCredentials(accessKeyId)
      return credentials && { ...credentials, key: limit(credentials.key) }
    },
  }
}

/** Null allows every region. */
function intersect(
  one: ReadonlySet<string> | null,
  other: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
  if (one === null || other === null) return one ?? other
  return new Set([...one].filter((region) => other.has(region)))
}
