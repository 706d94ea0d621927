export type { Command, CommandEntry, Context, LineReader, Option, Program, Values } from './command.ts'
export { CliError, UsageError } from './command.ts'
export { commands } from './commands.ts'
export { runCli } from './run.ts'
