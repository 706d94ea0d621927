import { stat } from 'node:fs/promises'
import { dirname, resolve as resolvePath } from 'node:path'
import { formatDiff, formatFindings, formatSummary } from '@anthology/migrate'
import { readTreeState } from '@anthology/migrate/files'

import { CliError, UsageError } from '../command.ts'
import type { Command, Context } from '../command.ts'
import { createPaint, readMove, runTree, treeOptions } from '../migration.ts'
import { costOptions, printMoveCost, readMoveCost, toJsonCost } from '../migration-cost.ts'
import type { MoveCost } from '../migration-cost.ts'
import { formatOptions, readFormat, reportResult } from '../migration-format.ts'
import type { Format } from '../migration-format.ts'

export const command: Command = {
  name: 'migrate',
  summary: 'Move code and configuration to another model: a diff, or --write',
  usage: 'PATH ... --to MODEL [--from MODEL ...] [--write] [--ledger]',
  example: 'anthology migrate src --to claude-opus-5-5',
  options: {
    to: { type: 'string', value: 'MODEL', help: 'the target' },
    write: { type: 'boolean', help: 'change the files (needs a clean git tree)' },
    force: { type: 'boolean', help: 'write into a tree with changes, or without git' },
    pin: { type: 'boolean', help: 'replace aliases by pinned ids' },
    docs: { type: 'boolean', help: 'also edit documentation' },
    ...treeOptions,
    ...formatOptions,
    ...costOptions,
  },
  async run(context, values, positionals) {
    const move = readMove(values)
    if (move.target === null)
      throw new UsageError('migrate needs a target', 'Name it with --to claude-opus-5-5.')
    const cost = values['ledger'] === true ? await readMoveCost(context, values, move) : null
    if (positionals.length === 0 && cost === null)
      throw new UsageError('migrate needs a file or a folder', 'Give . for this folder.')
    const write = values['write'] === true
    if (write && values['force'] !== true) await requireCleanTree(context, positionals)
    const paint = createPaint(context)
    const format = readFormat(values)
    if (positionals.length === 0 && cost !== null) return reportCost(context, cost, format)
    const result = await runTree(context, values, {
      paths: positionals,
      move,
      write,
      onFile: ({ path, before, after, findings }) => {
        if (format !== 'text') return
        const shown = findings.filter(({ severity }) => severity !== 'note' || values['notes'] === true)
        for (const line of formatFindings(shown, paint)) context.out(line)
        if (!write) for (const line of formatDiff(path, before, after)) context.out(line)
      },
    })
    const { summary } = result
    if (format !== 'text') await reportResult(context, values, { result, format, cost })
    else {
      for (const line of formatSummary(summary, paint)) context.out(line)
      if (cost !== null) printMoveCost(context, cost)
      if (!write && summary.edits > 0) context.out('Nothing was written; --write makes the edits.')
    }
    return summary.unrepaired > 0 ? 1 : 0
  },
}

/** Without a path there is only the cost. */
function reportCost(context: Context, cost: MoveCost, format: Format): number {
  if (format === 'json') context.out(JSON.stringify({ cost: toJsonCost(cost) }, null, 2))
  else printMoveCost(context, cost)
  return 0
}

/** An edit must be easy to look at and to undo. */
async function requireCleanTree({ cwd }: Context, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const whole = resolvePath(cwd, path)
    const folder = (await stat(whole)).isFile() ? dirname(whole) : whole
    const state = await readTreeState(folder)
    if (state === 'changed')
      throw new CliError(
        `${path} has changes that are not committed`,
        'Commit or stash them, or use --force.',
      )
    if (state === 'no_git')
      throw new CliError(`${path} is not in a git repository`, 'Use --force to write all the same.')
  }
}
