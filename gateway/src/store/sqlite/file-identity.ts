import { statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Remembers which files of the data folder this process has open, and returns a function that finds one that was
 * removed or replaced. SQLite would go on writing into a removed file, which nobody can read, and beside a removed lock
 * a second server could start.
 */
export function watchFiles(dataFolder: string, names: readonly string[] = ownFiles): () => string | null {
  const known = names.map((name) => {
    const path = join(dataFolder, name)
    return { path, identity: readIdentity(path) }
  })
  return () => known.find(({ path, identity }) => readIdentity(path) !== identity)?.path ?? null
}

const ownFiles = ['anthology.sqlite', 'anthology.sqlite-wal', 'anthology.sqlite-shm', 'lock.sqlite']

/** Device and inode, which no other file has while this one is open; null without a file. */
function readIdentity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return null
  }
}
