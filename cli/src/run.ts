import { parseArgs } from 'node:util'
import type { Command, Context, Option, Program, Values } from './command.ts'
import { CliError, commonOptions, UsageError } from './command.ts'
import { createUnknownCommandError, didYouMean } from './did-you-mean.ts'
import { commandHelp, programHelp } from './help.ts'
import { listCommands } from './program-commands.ts'
import { explainSystemError } from './system-error.ts'

/** Runs the command in `argv` and returns the exit code: 0 done, 1 negative answer, 2 wrong use. */
export async function runCli(argv: readonly string[], context: Context, program: Program): Promise<number> {
  try {
    return await dispatch(argv, context, program)
  } catch (error) {
    return report(error, context)
  }
}

async function dispatch(argv: readonly string[], context: Context, program: Program): Promise<number> {
  const commands = listCommands(program)
  const [typed, ...rest] = argv
  if (typed === undefined || typed === '--help' || typed === '-h') {
    context.out(programHelp(commands, context))
    return 0
  }
  const name = typed === '--version' || typed === '-v' ? 'version' : typed
  const entry = commands.find((each) => each.name === name)
  if (entry === undefined) throw await createUnknownCommandError(name, commands)
  const { command } = await entry.load()
  const { values, positionals } = await parseCommandLine(command, rest)
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

async function parseCommandLine(
  command: Command,
  args: readonly string[],
): Promise<{ values: Values; positionals: readonly string[] }> {
  const options: Record<string, Option> = { ...command.options, ...commonOptions }
  const parsed = await parse(command, joinNegativeNumbers(args, options), options)
  for (const [name, value] of Object.entries(parsed.values)) {
    if (![value].flat().includes('')) continue
    const wanted = options[name]?.value ?? 'TEXT'
    throw new UsageError(`--${name} is empty`, `Give a value, as in --${name} ${wanted}, or leave it out.`)
  }
  if (parsed.positionals.includes('') && parsed.values['help'] !== true)
    throw new UsageError(
      `an argument of anthology ${command.name} is empty`,
      `For example: ${command.example}`,
    )
  return parsed
}

async function parse(command: Command, args: readonly string[], options: Record<string, Option>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw await toUsageError(error, command, Object.keys(options))
  }
}

/** No option is a number, so `-5` after an option is its value, and the command reports what it must be. */
function joinNegativeNumbers(args: readonly string[], options: Record<string, Option>): readonly string[] {
  const joined: string[] = []
  for (const arg of args) {
    const previous = joined.at(-1)
    const takesValue = previous?.startsWith('--') === true && options[previous.slice(2)]?.type === 'string'
    if (takesValue && /^-\.?\d/.test(arg)) joined.push(`${joined.pop()}=${arg}`)
    else joined.push(arg)
  }
  return joined
}

async function toUsageError(error: unknown, command: Command, names: readonly string[]): Promise<unknown> {
  if (!(error instanceof TypeError) || !('code' in error)) return error
  const hint = `See anthology ${command.name} --help.`
  const unknown = /^Unknown option '(?<option>-[^']*)'/.exec(error.message)?.groups?.['option']
  if (unknown === undefined) return new UsageError(shorten(error.message), hint)
  const flags = names.map((name) => `--${name}`)
  const message = `anthology ${command.name} has no option ${unknown}`
  return new UsageError(message, `${await didYouMean(unknown, flags)}${hint}`)
}

/** Node's message continues with advice for programmers; users need only its first sentence. */
function shorten(text: string): string {
  const [first = text] = text.split(/\.\s/)
  return first.replace(
    /^Option '(.*)' argument is ambiguous$/,
    "Option '$1' needs a value before the next option",
  )
}

/** Prints the error and the hint, and with DEBUG also the stack. */
function report(error: unknown, context: Context): number {
  const known = explainSystemError(error)
  const message = known?.message ?? (error instanceof Error ? error.message : String(error))
  context.err(`anthology: ${message}`)
  const hint = known?.hint ?? findHint(error)
  if (hint !== undefined) context.err(hint)
  if ((context.env['DEBUG'] ?? '') !== '' && error instanceof Error) context.err(error.stack ?? '')
  return isWrongUse(error) || known?.isWrongUse === true ? 2 : 1
}

/** The gateway checks some values of options, such as the limit of a budget. */
function isWrongUse(error: unknown): boolean {
  if (error instanceof UsageError) return true
  return error instanceof Error && 'code' in error && error.code === 'invalid_value'
}

/** An error of any package may have a hint, not only a `CliError`. */
function findHint(error: unknown): string | undefined {
  if (error instanceof CliError) return error.hint
  if (!(error instanceof Error) || !('hint' in error)) return undefined
  return typeof error.hint === 'string' ? error.hint : undefined
}
