import { parseArgs } from 'node:util'
import { measureEdits } from '@anthology/catalog'
import type { Command, CommandEntry, Context, Option, Values } from './command.ts'
import { CliError, commonOptions, UsageError } from './command.ts'
import { commandHelp, programHelp } from './help.ts'

export interface Program {
  readonly version: string
  readonly commands: readonly CommandEntry[]
}

/** Runs the command in `argv` and returns the exit code: 0 done, 1 negative answer, 2 wrong use. */
export async function runCli(argv: readonly string[], context: Context, program: Program): Promise<number> {
  try {
    return await dispatch(argv, context, program)
  } catch (error) {
    return report(error, context)
  }
}

async function dispatch(argv: readonly string[], context: Context, program: Program): Promise<number> {
  const [first, ...rest] = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  if (first === undefined || first === '--help' || first === '-h') {
    context.out(programHelp(program.commands, context))
    return 0
  }
  if (first === '--version' || first === '-v') {
    context.out(program.version)
    return 0
  }
  const entry = program.commands.find(({ name }) => name === first)
  if (entry === undefined) throw unknownCommand(first, program.commands)
  const { command } = await entry.load()
  const { values, positionals } = parseCommandLine(command, rest)
  if (values['help'] === true) {
    context.out(commandHelp(command, context))
    return 0
  }
  const [word] = positionals
  if (word !== undefined && command.withoutWords !== undefined)
    throw new UsageError(
      `anthology ${command.name} does not accept ${JSON.stringify(word)}`,
      command.withoutWords,
    )
  return command.run(context, values, positionals)
}

function parseCommandLine(
  command: Command,
  args: readonly string[],
): { values: Values; positionals: readonly string[] } {
  const options: Record<string, Option> = { ...command.options, ...commonOptions }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw wrongOption(error, command, Object.keys(options))
  }
}

function wrongOption(error: unknown, command: Command, names: readonly string[]): unknown {
  if (!(error instanceof TypeError) || !('code' in error)) return error
  const hint = `See anthology ${command.name} --help.`
  const unknown = /^Unknown option '(?<option>-[^']*)'/.exec(error.message)?.groups?.['option']
  if (unknown === undefined) return new UsageError(firstSentence(error.message), hint)
  const flags = names.map((name) => `--${name}`)
  const message = `anthology ${command.name} has no option ${unknown}`
  return new UsageError(message, `${didYouMean(unknown, flags)}${hint}`)
}

function unknownCommand(name: string, known: readonly CommandEntry[]): UsageError {
  const names = known.map((entry) => entry.name)
  const message = name.startsWith('-') ? `unknown option ${name}` : `unknown command ${JSON.stringify(name)}`
  return new UsageError(message, `${didYouMean(name, names)}See anthology --help for all commands.`)
}

function didYouMean(typed: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const scored = known.map((name) => ({ name, edits: measureEdits(typed.slice(0, 64), name, limit) }))
  const best = scored.toSorted((left, right) => left.edits - right.edits)[0]
  return best === undefined || best.edits > limit ? '' : `Did you mean ${best.name}? `
}

/** Node's message continues with advice for programmers; users need only its first sentence. */
function firstSentence(text: string): string {
  return text.split(/\.\s/)[0] ?? text
}

/** Prints the error and the hint, and with DEBUG also the stack. */
function report(error: unknown, context: Context): number {
  const message = error instanceof Error ? error.message : String(error)
  context.err(`anthology: ${message}`)
  const hint = findHint(error)
  if (hint !== undefined) context.err(hint)
  if ((context.env['DEBUG'] ?? '') !== '' && error instanceof Error) context.err(error.stack ?? '')
  return error instanceof UsageError ? 2 : 1
}

/** An error of any package may have a hint, not only a `CliError`. */
function findHint(error: unknown): string | undefined {
  if (error instanceof CliError) return error.hint
  if (!(error instanceof Error) || !('hint' in error)) return undefined
  return typeof error.hint === 'string' ? error.hint : undefined
}
