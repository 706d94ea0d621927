import { appendFile, writeFile } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
import { formatGithub, formatJunit, formatMarkdown, formatSarif } from '@anthology/migrate'

import { CliError, UsageError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { toJsonCost } from './migration-cost.ts'
import type { MoveCost } from './migration-cost.ts'
import { toJson } from './migration.ts'
import type { TreeResult } from './migration.ts'

const formats = ['text', 'json', 'sarif', 'github', 'junit', 'markdown'] as const

export type Format = (typeof formats)[number]

/** Options of the reports of `migrate` and `lint`. */
export const formatOptions = {
  format: { type: 'string', value: 'FORMAT', help: `${formats.join(', ')} (default text)` },
  output: { type: 'string', value: 'FILE', help: 'write the report to a file' },
} as const satisfies Record<string, Option>

export function readFormat(values: Values): Format {
  const wanted = getText(values, 'format')
  if (wanted === undefined) return values['json'] === true ? 'json' : 'text'
  const format = formats.find((name) => name === wanted)
  if (format !== undefined) return format
  throw new UsageError(
    `there is no format ${JSON.stringify(wanted.slice(0, 40))}`,
    `Use ${formats.join(', ')}.`,
  )
}

interface ReportedRun {
  readonly result: TreeResult
  readonly format: Exclude<Format, 'text'>
  /** The cost of the move; null unless it was asked for. */
  readonly cost?: MoveCost | null
}

/** Prints the whole report in a format other than text, or writes it to the file of `--output`. */
export async function reportResult(
  context: Context,
  values: Values,
  { result, format, cost = null }: ReportedRun,
): Promise<void> {
  const text = printReport(result, format, cost)
  const file = getText(values, 'output')
  if (file === undefined) context.write(text)
  else await writeReport(resolvePath(context.cwd, file), text)
  // GitHub shows ten annotations of each kind; the summary of the step has all findings.
  const summary = context.env['GITHUB_STEP_SUMMARY']
  if (format === 'github' && summary !== undefined && summary !== '')
    await appendFile(summary, formatMarkdown(result.findings, result.summary))
}

function printReport(result: TreeResult, format: Exclude<Format, 'text'>, cost: MoveCost | null): string {
  const { findings, summary } = result
  switch (format) {
    case 'json':
      return `${JSON.stringify({ ...toJson(result), ...(cost !== null && { cost: toJsonCost(cost) }) }, null, 2)}\n`
    case 'sarif':
      return formatSarif(findings)
    case 'junit':
      return formatJunit(findings)
    case 'markdown':
      return formatMarkdown(findings, summary)
    case 'github':
      return formatGithub(findings)
        .map((line) => `${line}\n`)
        .join('')
  }
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw new CliError(`the report cannot be written: ${because}`, 'Give a file in a folder that exists.')
  }
}
