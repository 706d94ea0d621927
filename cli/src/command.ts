/** One command of the binary. Every command also has `--json` and `--help`, which `options` need not list. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** The arguments after the command's name, e.g. `NAME [--input N]`. */
  readonly usage: string
  readonly example: string
  readonly options: Readonly<Record<string, Option>>
  /** The words that the first positional argument may be, for completion. */
  readonly words?: readonly string[]
  /** For a command without positional arguments: the hint if any are given. */
  readonly withoutWords?: string
  /** Returns the exit code: 0 done, 1 negative answer. Wrong use is thrown as a `UsageError`. */
  run(context: Context, values: Values, positionals: readonly string[]): Promise<number>
}

/** An option for `parseArgs`, with its help text. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  readonly help: string
  /** The placeholder for the value in the help, e.g. `N`. */
  readonly value?: string
}

/** Options common to all commands. */
export const commonOptions = {
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, Option>

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** All process state that a command may use, so that tests can run it without a process. */
export interface Context {
  /** Prints to standard output and ends the line. */
  readonly out: (text: string) => void
  /** Prints to standard error and ends the line. */
  readonly err: (text: string) => void
  /** Prints to standard output and leaves the line open. */
  readonly write: (text: string) => void
  /** Reads all of standard input. */
  readonly stdin: () => Promise<string>
  /** Reads standard input line by line, for a conversation. */
  readonly openLines: () => LineReader
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether standard output is a terminal. */
  readonly isTty: boolean
  readonly stdinIsTty: boolean
  readonly columns: number
  readonly color: boolean
}

/** Reads typed or piped lines. */
export interface LineReader {
  /** Shows the prompt on a terminal, and returns the next line; null at the end of input. */
  readLine(prompt: string): Promise<string | null>
  /** Calls the listener at each Ctrl-C, which then no longer ends the process. */
  onInterrupt(listener: () => void): void
  close(): void
}

/** An entry of the command table; its module is loaded on first use. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<{ readonly command: Command }>
}

/** The binary: its version and its commands. */
export interface Program {
  readonly version: string
  readonly commands: readonly CommandEntry[]
}

/** An error for the user, without a stack: a message and a hint. */
export class CliError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.name = 'CliError'
    this.hint = hint
  }
}

/** Wrong use of a command: exit code 2. */
export class UsageError extends CliError {
  constructor(message: string, hint: string) {
    super(message, hint)
    this.name = 'UsageError'
  }
}

/** The value of a string option that may be given once. */
export function getText(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The values of a string option that may be given several times. */
export function listTexts(values: Values, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}
