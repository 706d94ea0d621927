/** One command of the binary. `--json` and `--help` are every command's and need not stand in `options`. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the command's name, e.g. `NAME [--input N]`. */
  readonly usage: string
  readonly example: string
  readonly options: Readonly<Record<string, Option>>
  /** Of a command that takes options only: what to do for who gives it words. */
  readonly withoutWords?: string
  /** The exit code: 0 done, 1 the answer is no; wrong use is thrown as a `UsageError`. */
  run(context: Context, values: Values, positionals: readonly string[]): Promise<number>
}

/** An option as `parseArgs` takes it, and what `--help` says of it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  readonly help: string
  /** How the value is called in the help, e.g. `N`. */
  readonly value?: string
}

/** The options that every command has. */
export const commonOptions = {
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, Option>

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** Everything a command may touch of the process, so that a test can run it without one. */
export interface Context {
  /** Prints to standard output and ends the line. */
  readonly out: (text: string) => void
  /** Prints to standard error and ends the line. */
  readonly err: (text: string) => void
  /** Prints to standard output and leaves the line open. */
  readonly write: (text: string) => void
  /** All of standard input. */
  readonly stdin: () => Promise<string>
  /** Standard input line by line, as a conversation needs it. */
  readonly openLines: () => LineReader
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether standard output is a terminal. */
  readonly isTty: boolean
  readonly stdinIsTty: boolean
  readonly columns: number
  readonly color: boolean
}

/** The lines that a person types, or that are piped in. */
export interface LineReader {
  /** Shows the prompt where a person can see it, and gives the next line; null when there is none any more. */
  ask(prompt: string): Promise<string | null>
  /** Calls the listener at each Ctrl-C, which then no longer ends the process. */
  onInterrupt(listener: () => void): void
  close(): void
}

/** A line of the table of commands; the command's module is loaded when it is asked for. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<{ readonly command: Command }>
}

/** Something to say to the user without a stack: what is wrong, and what to do next. */
export class CliError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.name = 'CliError'
    this.hint = hint
  }
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends CliError {
  constructor(message: string, hint: string) {
    super(message, hint)
    this.name = 'UsageError'
  }
}

/** The text of a string option that was given once. */
export function getText(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of a string option that may be given several times. */
export function listTexts(values: Values, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : []
}
