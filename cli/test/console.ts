import type { Context, LineReader } from '../src/index.ts'
import { commands, runCli } from '../src/index.ts'

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process, and returns its output. */
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

/** Differences from a terminal of 80 columns without colour; `input` is piped in. */
export type Given = Partial<Omit<Context, 'out' | 'err' | 'write' | 'stdin' | 'openLines'>> & {
  readonly input?: string
  /** The typed lines of a conversation. */
  readonly lines?: LineReader
  /** Receives output without a line end, as it is written. */
  readonly onWrite?: (text: string) => void
}

/** Reads the lines of a text, without any Ctrl-C. */
function typedLines(text: string): LineReader {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  return { readLine: () => Promise.resolve(lines.shift() ?? null), onInterrupt: () => {}, close: () => {} }
}
