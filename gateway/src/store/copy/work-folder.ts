import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Makes a folder for the files of a backup or restore, and removes those that killed commands have left beside it. */
export function makeWorkFolder(parent: string, action: 'backup' | 'restore'): string {
  removeAbandoned(parent)
  return mkdtempSync(join(parent, `.anthology-${action}-`))
}

function removeAbandoned(parent: string): void {
  for (const name of listNames(parent)) {
    if (!/^\.anthology-(?:backup|restore)-\w{6}$/.test(name)) continue
    const folder = join(parent, name)
    try {
      const files = [folder, ...readdirSync(folder).map((file) => join(folder, file))]
      const latestMs = Math.max(...files.map((file) => statSync(file).mtimeMs))
      if (latestMs < Date.now() - abandonedMs) rmSync(folder, { recursive: true, force: true })
    } catch {
      // It is another user's, or its command has just removed it.
    }
  }
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // A folder may be writable and not readable.
    return []
  }
}

/** A backup writes to its folder until it ends, and no restore reads its own for so long. */
const abandonedMs = 24 * 60 * 60 * 1_000
