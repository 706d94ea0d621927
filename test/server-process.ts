import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const repository = join(import.meta.dirname, '..')

/** `anthology serve` as a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly key: string
  readonly child: ChildProcess
  /** What it has written to standard error so far. */
  readonly errors: () => string
  kill(signal: NodeJS.Signals): Promise<void>
}

export async function startServer(dataFolder: string, args: readonly string[] = []): Promise<ServerProcess> {
  const argv = [
    join(repository, 'cli/src/main.ts'),
    'serve',
    '--json',
    '--port',
    '0',
    '--data',
    dataFolder,
    ...args,
  ]
  const child = spawn(process.execPath, argv, { cwd: dataFolder, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exited = once(child, 'exit')
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
    exited.then(([code]) => Promise.reject(new Error(`the server ended with ${code}: ${errors}`))),
  ])
  const { url, key } = JSON.parse(line) as { url: string; key: string } // What `serve --json` prints.
  return {
    url,
    key,
    child,
    errors: () => errors,
    async kill(signal) {
      child.kill(signal)
      await exited
    },
  }
}
