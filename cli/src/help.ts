import type { Command, CommandEntry, Context, Option } from './command.ts'
import { commonOptions } from './command.ts'
import { bold } from './ansi-colors.ts'
import { alignColumns, wrapText } from './table.ts'

/** The text of `anthology --help`. */
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
    'anthology help COMMAND explains a command. (npx takes --help for itself.)',
  ].join('\n')
}

/** The text of `anthology COMMAND --help`. */
export function commandHelp(command: Command, context: Context): string {
  const usage = `anthology ${command.name} ${command.usage}`.trimEnd()
  const [first = '', ...rest] = wrapText(usage, context.columns - 4)
  return [
    `${command.summary}.`,
    '',
    bold('Usage', context),
    `  ${first}`,
    ...rest.map((line) => `    ${line}`),
    '',
    bold('Options', context),
    ...optionLines({ ...command.options, ...commonOptions }, context),
    '',
    bold('Example', context),
    `  ${command.example}`,
  ].join('\n')
}

function optionLines(options: Readonly<Record<string, Option>>, context: Context): readonly string[] {
  const labels = Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.value ?? 'TEXT'}` : ''
    return `  ${short}--${name}${value}`
  })
  const width = Math.max(...labels.map((label) => label.length)) + 2
  return Object.values(options).flatMap((option, index) =>
    wrapText(option.help, Math.max(24, context.columns - width)).map(
      (line, row) => `${(row === 0 ? (labels[index] ?? '') : '').padEnd(width)}${line}`,
    ),
  )
}
