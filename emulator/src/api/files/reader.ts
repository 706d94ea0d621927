import { isExpired } from './file-store.ts'
import type { FileStore, StoredFile } from './file-store.ts'

export interface FileReader {
  hasFile(id: string): boolean
  openFile(id: string): { readonly mediaType: string; readonly bytes: Uint8Array } | null
}

/** Reads the files that messages of a key may refer to: its own, unless they have expired. */
export function createFileReader(files: FileStore, key: string | null, nowMs: number): FileReader {
  const find = (id: string): StoredFile | null => {
    const file = files.find(id, key)
    return file && !isExpired(file, nowMs) ? file : null
  }
  return {
    hasFile: (id) => find(id) !== null,
    openFile: (id) => {
      const file = find(id)
      return file && { mediaType: file.mimeType, bytes: file.bytes }
    },
  }
}
