import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A folder for programs that a test has printed, with the official SDKs of `test/clients`. */
export interface ProgramFolder {
  readonly path: string
  write(file: string, text: string): string
  /** Runs a program with a file of the folder as its last argument, and returns its output. */
  run(program: string, file: string, options?: RunOptions): Promise<string>
  close(): void
}

interface RunOptions {
  readonly args?: readonly string[]
  /** Besides PATH. */
  readonly env?: Readonly<Record<string, string>>
}

export function createProgramFolder(): ProgramFolder {
  const path = mkdtempSync(join(tmpdir(), 'anthology-programs-'))
  symlinkSync(join(import.meta.dirname, '../../test/clients/node_modules'), join(path, 'node_modules'))
  return {
    path,
    write(file, text) {
      writeFileSync(join(path, file), text)
      return file
    },
    async run(program, file, { args = [], env = {} } = {}) {
      const { stdout } = await execute(program, [...args, file], {
        cwd: path,
        env: { PATH: process.env['PATH'], ...env },
      })
      return stdout
    },
    close: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Whether a program can be started with these arguments on this machine. */
export function hasProgram(program: string, ...args: readonly string[]): Promise<boolean> {
  return execute(program, [...args]).then(
    () => true,
    () => false,
  )
}
