import { formatFindings, formatSummary } from '@anthology/migrate'

import type { Command } from '../command.ts'
import { createPaint, readMove, runTree, toJson, treeOptions } from '../migration.ts'

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
  },
  async run(context, values, positionals) {
    const paint = createPaint(context)
    const isJson = values['json'] === true
    const result = await runTree(context, values, {
      paths: positionals,
      move: readMove(values),
      write: false,
      onFile: ({ findings }) => {
        if (isJson) return
        const shown = findings.filter(({ severity }) => severity !== 'note' || values['notes'] === true)
        for (const line of formatFindings(shown, paint)) context.out(line)
      },
    })
    if (isJson) context.out(JSON.stringify(toJson(result), null, 2))
    else for (const line of formatSummary(result.summary, paint)) context.out(line)
    return result.fails ? 1 : 0
  },
}
