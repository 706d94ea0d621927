import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The state of the git tree around a folder. */
export type TreeState = 'clean' | 'changed' | 'no_git'

export async function readTreeState(folder: string): Promise<TreeState> {
  try {
    const { stdout } = await run('git', ['status', '--porcelain', '--untracked-files=no', '--', '.'], {
      cwd: folder,
    })
    return stdout.trim() === '' ? 'clean' : 'changed'
  } catch {
    return 'no_git'
  }
}

/** A commit that git does not know, or a folder without git. */
export class GitError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GitError'
  }
}

/** The files that differ from a commit, relative to the folder, new ones included. Throws a GitError. */
export async function listChangedSince(folder: string, reference: string): Promise<ReadonlySet<string>> {
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 }
  const changed = await run(
    'git',
    ['diff', '--name-only', '--relative', '-z', reference, '--'],
    options,
  ).catch((error: unknown) => {
    throw new GitError(`git finds no commit ${JSON.stringify(reference)} here`, { cause: error })
  })
  const added = await run('git', ['ls-files', '--others', '--exclude-standard', '-z'], options)
  return new Set(`${changed.stdout}${added.stdout}`.split('\0').filter((path) => path !== ''))
}
