export interface StoredFile {
  readonly id: string
  /** The owner; null: shared by all callers without a key. */
  readonly key: string | null
  readonly filename: string
  readonly mimeType: string
  readonly createdMs: number
  /** Null: the file does not expire. */
  readonly expiresMs: number | null
  /** True for files that a tool created, false for uploads. */
  readonly downloadable: boolean
  readonly bytes: Uint8Array
}

export interface FileStore {
  /** Returns false, and stores nothing, if the store is full. */
  add(file: StoredFile): boolean
  /** Also returns expired files: see `isExpired`. */
  find(id: string, key: string | null): StoredFile | null
  /** Newest first. */
  list(key: string | null): readonly StoredFile[]
  remove(file: StoredFile): void
}

/** An organization of the API has 100 GB; these files are in memory. */
export const maxStoreBytes = 1024 * 1024 * 1024
export const maxFiles = 10_000

/** A key sees its own files and no others. */
export function createFileStore(): FileStore {
  const files = new Map<string, StoredFile>()
  let heldBytes = 0
  const remove = ({ id, bytes }: StoredFile): void => {
    if (files.delete(id)) heldBytes -= bytes.length
  }
  const hasRoom = ({ bytes }: StoredFile): boolean =>
    files.size < maxFiles && heldBytes + bytes.length <= maxStoreBytes
  const forgetExpired = (nowMs: number): void => {
    for (const file of files.values()) if (isExpired(file, nowMs)) remove(file)
  }
  return {
    add: (file) => {
      // Expired files are kept while there is room, so that they are distinguished from unknown ids.
      if (!hasRoom(file)) forgetExpired(file.createdMs)
      if (!hasRoom(file)) return false
      files.set(file.id, file)
      heldBytes += file.bytes.length
      return true
    },
    find: (id, key) => {
      const file = files.get(id)
      return file?.key === key ? file : null
    },
    list: (key) => [...files.values()].filter((file) => file.key === key).toReversed(),
    remove,
  }
}

export function isExpired({ expiresMs }: StoredFile, nowMs: number): boolean {
  return expiresMs !== null && nowMs >= expiresMs
}
