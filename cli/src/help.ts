import type { Command, CommandEntry, Context, Option } from './command.ts'
import { commonOptions } from './command.ts'
import { bold } from './ink.ts'
import { alignColumns } from './table.ts'

/** What `anthology --help` prints. */
export function programHelp(commands: readonly CommandEntry[], context: Context): string {
  return [
    'Every Claude model, on every cloud, behind one endpoint you own.',
    '',
    bold('Usage', context),
    '  anthology COMMAND [options]',
    '',
    bold('Commands', context),
    ...alignColumns(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'anthology COMMAND --help says more about each; anthology --version prints the version.',
  ].join('\n')
}

/** What `anthology COMMAND --help` prints. */
export function commandHelp(command: Command, context: Context): string {
  const all: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions }
  const options = Object.entries(all).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.value ?? 'TEXT'}` : ''
    return [`  ${short}--${name}${value}`, option.help]
  })
  return [
    `${command.summary}.`,
    '',
    bold('Usage', context),
    `  anthology ${command.name} ${command.usage}`.trimEnd(),
    '',
    bold('Options', context),
    ...alignColumns(options),
    '',
    bold('Example', context),
    `  ${command.example}`,
  ].join('\n')
}
