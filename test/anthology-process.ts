import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export const repository = join(import.meta.dirname, '..')

const binary = join(repository, 'cli/bin/anthology.js')

/** A long-running command of the real binary, such as `serve`. */
export interface AnthologyProcess {
  /** The object that it printed when it was ready. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly processId: number
  /** Everything written to standard error so far. */
  errors(): string
  /** Sends a signal and waits for the exit; returns the exit code, null after `SIGKILL`. */
  kill(signal: NodeJS.Signals): Promise<number | null>
  /** Stops it, and waits until it has exited. */
  close(): Promise<void>
}

/** Starts `anthology ... --json` and waits for its first line; `limit` is a shell's command that limits it, such as `ulimit`. */
export async function startAnthology(
  args: readonly string[],
  cwd: string,
  limit?: string,
): Promise<AnthologyProcess> {
  // Over the IPC channel it notices when these tests exit, even by a signal, and exits too.
  const child = launch([...args, '--json'], cwd, 'ipc', limit)
  const errors = collect(child.stderr)
  const exited = once(child, 'exit')
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exited.then(([code]) => Promise.reject(new Error(`${args.join(' ')} ended with ${code}: ${errors()}`))),
  ])
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    const [code] = await exited
    return typeof code === 'number' ? code : null
  }
  return {
    facts: JSON.parse(line) as Record<string, unknown>, // The commands print one object.
    processId: child.pid ?? 0,
    errors,
    kill,
    close: async () => void (await kill('SIGTERM')),
  }
}

/** `anthology serve` on a free port. */
export interface ServerProcess extends AnthologyProcess {
  readonly url: string
  readonly key: string
}

export async function startServer(
  dataFolder: string,
  args: readonly string[] = [],
  limit?: string,
): Promise<ServerProcess> {
  const server = await startAnthology(
    ['serve', '--port', '0', '--data', dataFolder, ...args],
    dataFolder,
    limit,
  )
  return { ...server, url: String(server.facts['url']), key: String(server.facts['key']) }
}

/** Runs `anthology ... --json` and returns its output; throws if the exit code is not 0. */
export async function runAnthology(args: readonly string[], cwd: string): Promise<unknown> {
  const child = launch([...args, '--json'], cwd, 'ignore')
  const [out, errors] = [collect(child.stdout), collect(child.stderr)]
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${errors()}`)
  return JSON.parse(out())
}

function launch(
  args: readonly string[],
  cwd: string,
  channel: 'ipc' | 'ignore',
  limit?: string,
): LaunchedProcess {
  const options = { cwd, env: cleanEnv(), stdio: ['ignore', 'pipe', 'pipe', channel] } as const
  // Both outputs are pipes, so neither stream is null; Node's types only cover three entries.
  const program = [process.execPath, binary, ...args]
  const [command = '', ...rest] =
    limit === undefined ? program : ['sh', '-c', `${limit} && exec "$0" "$@"`, ...program]
  return spawn(command, rest, {
    ...options,
    stdio: [...options.stdio],
  }) as LaunchedProcess
}

type LaunchedProcess = ChildProcessByStdio<null, Readable, Readable>

/** An environment without the settings and credentials of the user who runs the tests. */
function cleanEnv(): Record<string, string | undefined> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(entries.filter(([name]) => !/^(?:ANTHOLOGY|ANTHROPIC|OTEL)_/.test(name)))
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

/** The child processes of the server. */
export function listWorkers({ processId }: ServerProcess): readonly number[] {
  try {
    return execFileSync('pgrep', ['-P', String(processId)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    // It exits with 1 if there are none.
    return []
  }
}
