import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A Python with the required packages, or the reason why there is none. */
export type Python =
  | {
      readonly ok: true
      readonly version: string
      /** Runs a script of this folder, and returns its output. */
      run(script: string, ...args: readonly string[]): Promise<string>
      /** Removes the packages that were installed for it. */
      close(): Promise<void>
    }
  | { readonly ok: false; readonly because: string }

/** The imports of a script, and the packages that provide them. The last module is the one whose version is reported. */
export interface Wanted {
  readonly modules: readonly string[]
  readonly packages: readonly string[]
}

const anthropic: Wanted = { modules: ['anthropic'], packages: ['anthropic'] }

/**
 * Finds `python3`, or the program in `ANTHOLOGY_TEST_PYTHON`. If `ANTHOLOGY_TEST_PIP` is set, missing packages are
 * installed into a separate folder; otherwise the tests need only npm.
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
    const code = `import ${modules.join(', ')}; print(${modules.at(-1) ?? 'sys'}.__version__)`
    const { stdout } = await execute(file, ['-c', code], { env: { ...process.env, ...env } })
    return stdout.trim()
  } catch {
    return null
  }
}

/** Null on success, else the last line of the error. */
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
