import { defaultWorkspaceId } from '../auth/key-record.ts'
import type { Key, KeyRing } from '../auth/key-ring.ts'

/** A workspace of `anthology.yaml`. */
export interface WorkspaceConfig {
  readonly name: string
  /** The regions of the upstreams that its keys may use; default: all. */
  readonly regions?: readonly string[]
}

/** Names of workspaces by their id. */
export type WorkspaceNames = ReadonlyMap<string, string>

const defaultNames: WorkspaceNames = new Map([[defaultWorkspaceId, defaultWorkspaceId]])

/**
 * Wraps a key ring: each key may use only the regions that both its workspace and the key itself allow. A key of a
 * workspace whose name is not known may use none, because a rule could be about it.
 */
export function limitRegions(
  ring: KeyRing,
  workspaces: readonly WorkspaceConfig[],
  getNames: () => WorkspaceNames = () => defaultNames,
): KeyRing {
  const byName = new Map(
    workspaces.flatMap(({ name, regions }) => (regions === undefined ? [] : [[name, new Set(regions)]])),
  )
  if (byName.size === 0) return ring
  const known = new WeakMap<Key, Key>()
  const findRegions = (workspaceId: string): ReadonlySet<string> | null => {
    const own = byName.get(workspaceId)
    if (own !== undefined) return own
    const name = getNames().get(workspaceId)
    return name === undefined ? noRegions : (byName.get(name) ?? null)
  }
  const limit = (key: Key): Key => {
    const found = known.get(key)
    if (found !== undefined) return found
    const limited = { ...key, regions: intersect(key.regions, findRegions(key.workspaceId)) }
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

const noRegions: ReadonlySet<string> = new Set()

/** Null allows every region. */
function intersect(
  one: ReadonlySet<string> | null,
  other: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
  if (one === null || other === null) return one ?? other
  return new Set([...one].filter((region) => other.has(region)))
}
