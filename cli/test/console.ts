import type { Context } from '../src/index.ts'
import { commands, runCli } from '../src/index.ts'

export type Run = { readonly code: number; readonly out: string; readonly err: string }

/** Runs a command line as a person would, and returns what it printed; without a process. */
export async function run(argv: readonly string[], given: Given = {}): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []]
  const { input, ...rest } = given
  const context: Context = {
    out: (text) => void out.push(`${text}\n`),
    err: (text) => void err.push(`${text}\n`),
    stdin: () => Promise.resolve(input ?? ''),
    env: {},
    cwd: '/',
    isTty: false,
    stdinIsTty: input === undefined,
    columns: 80,
    color: false,
    ...rest,
  }
  const code = await runCli(argv, context, { version: '1.2.3', commands })
  return { code, out: out.join(''), err: err.join('') }
}

/** What differs from a terminal of 80 columns without colour; `input` is what is piped in. */
export type Given = Partial<Omit<Context, 'out' | 'err' | 'stdin'>> & { readonly input?: string }
