/** A file as it is kept. */
export interface StoredFile {
  readonly id: string
  /** Whose it is; null: of all who come without a key. */
  readonly key: string | null
  readonly filename: string
  readonly mimeType: string
  readonly createdMs: number
  /** Null: it stays. */
  readonly expiresMs: number | null
  /** What was uploaded is not to be downloaded, what a tool has made is. */
  readonly downloadable: boolean
  readonly bytes: Uint8Array
}

export interface FileStore {
  /** Gives false, and keeps nothing, where the file does not fit in any more. */
  add(file: StoredFile): boolean
  /** Also one that has expired: see `isExpired`. */
  find(id: string, key: string | null): StoredFile | null
  /** Newest first. */
  list(key: string | null): readonly StoredFile[]
  remove(file: StoredFile): void
}

/** An organisation of the service has 100 GB; these are held in memory. */
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
      // Those that have expired are told apart from those that never were for as long as there is room.
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
