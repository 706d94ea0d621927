import type { StoreLocation } from '../gateway/src/store/open-store.ts'

/** The store that an argument names: a data folder, or a PostgreSQL whose servers use `dataFolder`. */
export function readTarget(target: string, dataFolder: string): StoreLocation {
  return target.startsWith('postgres') ? { dataFolder, store: target } : { dataFolder: target }
}
