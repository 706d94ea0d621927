import type { Context, LineReader } from '../src/index.ts'
import { commands, runCli } from '../src/index.ts'

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line as a person would, and returns what it printed; without a process. */
export async function run(argv: readonly string[], given: Given = {}): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []]
  const { input, lines, onWrite, ...rest } = given
  const context: Context = {
    out: (text) => void out.push(`${text}\n`),
    err: (text) => void err.push(`${text}\n`),
    write: (text) => {
      out.push(text)
      onWrite?.(text)
    },
    stdin: () => Promise.resolve(input ?? ''),
    openLines: () => lines ?? typedLines(input ?? ''),
    env: {},
    cwd: '/',
    isTty: false,
    stdinIsTty: input === undefined || lines !== undefined,
    columns: 80,
    color: false,
    ...rest,
  }
  const code = await runCli(argv, context, { version: '1.2.3', commands })
  return { code, out: out.join(''), err: err.join('') }
}

/** What differs from a terminal of 80 columns without colour; `input` is what is piped in. */
export type Given = Partial<Omit<Context, 'out' | 'err' | 'write' | 'stdin' | 'openLines'>> & {
  readonly input?: string
  /** Who types, where a conversation is held. */
  readonly lines?: LineReader
  /** Hears what is printed without the end of a line, as it comes. */
  readonly onWrite?: (text: string) => void
}

/** The lines of a text, as if somebody had typed them without ever pressing Ctrl-C. */
function typedLines(text: string): LineReader {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  return { ask: () => Promise.resolve(lines.shift() ?? null), onInterrupt: () => {}, close: () => {} }
}
