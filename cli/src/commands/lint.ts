import { formatFindings, formatSummary } from '@anthology/migrate'

import type { Command } from '../command.ts'
import { createPaint, readMove, runTree, treeOptions } from '../migration.ts'
import { formatOptions, readFormat, reportResult } from '../migration-format.ts'

export const command: Command = {
  name: 'lint',
  summary: 'Find retired models and refused requests, without edits',
  usage: '[PATH ...] [--to MODEL] [--fail-within DAYS]',
  example: 'anthology lint . --fail-within 90d',
  options: {
    to: {
      type: 'string',
      value: 'MODEL',
      help: 'judge for this model (default: the successor of each model)',
    },
    'fail-within': {
      type: 'string',
      value: 'DAYS',
      help: 'an announced retirement counts if it is at most so many days away, e.g. 90d',
    },
    ...treeOptions,
    ...formatOptions,
  },
  async run(context, values, positionals) {
    const paint = createPaint(context)
    const format = readFormat(values)
    const result = await runTree(context, values, {
      paths: positionals,
      move: readMove(values),
      write: false,
      onFile: ({ findings }) => {
        if (format !== 'text') return
        const shown = findings.filter(({ severity }) => severity !== 'note' || values['notes'] === true)
        for (const line of formatFindings(shown, paint)) context.out(line)
      },
    })
    if (format !== 'text') await reportResult(context, values, { result, format })
    else for (const line of formatSummary(result.summary, paint)) context.out(line)
    return result.fails ? 1 : 0
  },
}
