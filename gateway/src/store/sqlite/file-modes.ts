import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the data folder, or the folder itself, that other users of the machine can use. */
export interface WideMode {
  readonly path: string
  /** Permission bits, such as 0o644. */
  readonly mode: number
  /** True for a file that holds a secret: somebody may have read it already. */
  readonly isSecret: boolean
}

/**
 * Finds wide modes of the data folder and of our files in it; other files are not ours to change. An existing folder,
 * such as a mounted volume, keeps the mode that it was created with. Windows has no permission bits.
 */
export function findWideModes(dataFolder: string): readonly WideMode[] {
  if (process.platform === 'win32') return []
  const journals = listNames(join(dataFolder, 'journal')).map((name) => join('journal', name))
  const names = [...listNames(dataFolder), ...journals].filter((name) => ownFile.test(name))
  return [dataFolder, ...names.map((name) => join(dataFolder, name))].flatMap((path, index) => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    // The target of a link may belong to something else.
    if (found === undefined || found.isSymbolicLink()) return []
    const mode = found.mode & 0o777
    return (mode & 0o077) === 0 ? [] : [{ path, mode, isSecret: secretFile.test(names[index - 1] ?? '') }]
  })
}

/**
 * Removes the permissions of other users. Returns the wide modes as they were, with an error for each that stayed:
 * a process that does not own a mounted folder cannot change it.
 */
export function restrictModes(dataFolder: string): readonly (WideMode & { readonly error: string | null })[] {
  return findWideModes(dataFolder).map((wide) => {
    try {
      const { mode } = lstatSync(wide.path)
      if ((mode & stickyBit) !== 0) return { ...wide, error: 'its sticky bit marks it as shared, like /tmp' }
      // The bits above the permissions, such as a volume's setgid, stay.
      chmodSync(wide.path, mode & 0o7700)
      return { ...wide, error: null }
    } catch (error) {
      return { ...wide, error: error instanceof Error ? error.message : String(error) }
    }
  })
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const stickyBit = 0o1000

/** The database and the lock, with the files that SQLite puts beside them, the journals, and the secrets. */
const ownFile =
  /^(?:(?:anthology|lock)\.sqlite(?:-\w+)?|emergency-\w+\.journal|journal|journal[/\\][\w-]+\.journal(?:\.torn)?|local-key|root-secret|admin-key)$/

const secretFile = /^(?:local-key|root-secret|admin-key)$/
