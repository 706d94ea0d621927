import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A Python that has what was wanted, or why there is none. */
export type Python =
  | {
      readonly ok: true
      readonly version: string
      /** Runs a script of this folder, and gives what it printed. */
      run(script: string, ...args: readonly string[]): Promise<string>
      /** Removes what was installed for it. */
      close(): Promise<void>
    }
  | { readonly ok: false; readonly because: string }

/** What a script imports, `anthropic` among it, and the packages that bring it. */
export interface Wanted {
  readonly modules: readonly string[]
  readonly packages: readonly string[]
}

const anthropic: Wanted = { modules: ['anthropic'], packages: ['anthropic'] }

/**
 * Looks for `python3`, or for what `ANTHOLOGY_TEST_PYTHON` names. Where the package is missing it is installed into a
 * folder of its own, if `ANTHOLOGY_TEST_PIP` is set: the tests themselves need nothing but npm.
 */
export async function findPython(wanted: Wanted = anthropic): Promise<Python> {
  const file = process.env['ANTHOLOGY_TEST_PYTHON'] ?? 'python3'
  const found = await findVersion(file, {}, wanted)
  if (found !== null) return getPython(file, {}, found, () => Promise.resolve())
  const hint = `${file} with ${wanted.modules.join(', ')} is not here`
  if (process.env['ANTHOLOGY_TEST_PIP'] === undefined)
    return { ok: false, because: `${hint}; set ANTHOLOGY_TEST_PIP=1 to have pip fetch it` }
  const folder = await mkdtemp(join(tmpdir(), 'anthology-python-'))
  const close = (): Promise<void> => rm(folder, { recursive: true })
  const env = { PYTHONPATH: folder }
  const failed = await install(file, folder, wanted)
  const version = failed === null ? await findVersion(file, env, wanted) : null
  if (version !== null) return getPython(file, env, version, close)
  await close()
  return { ok: false, because: `${hint}, and pip did not bring it: ${failed ?? 'it cannot be imported'}` }
}

const execute = promisify(execFile)
const maxInstallMs = 50_000
const maxRunMs = 50_000

type Variables = Readonly<Record<string, string>>

function getPython(file: string, env: Variables, version: string, close: () => Promise<void>): Python {
  return {
    ok: true,
    version,
    close,
    run: async (script, ...args) => {
      const path = join(import.meta.dirname, script)
      const options = { env: { ...process.env, ...env }, timeout: maxRunMs }
      return (await execute(file, [path, ...args], options)).stdout
    },
  }
}

async function findVersion(file: string, env: Variables, { modules }: Wanted): Promise<string | null> {
  try {
    const code = `import ${modules.join(', ')}; print(anthropic.__version__)`
    const { stdout } = await execute(file, ['-c', code], { env: { ...process.env, ...env } })
    return stdout.trim()
  } catch {
    return null
  }
}

/** Null when it is done, else the last line of what went wrong. */
async function install(file: string, folder: string, { packages }: Wanted): Promise<string | null> {
  try {
    await execute(file, ['-m', 'pip', 'install', '--quiet', '--target', folder, ...packages], {
      timeout: maxInstallMs,
    })
    return null
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
  }
}
