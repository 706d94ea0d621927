import { compareStores, transferStore } from '@anthology/gateway'

import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { createProgress, describeLocation, printResult, readLocation } from '../store-location.ts'

export const command: Command = {
  name: 'store',
  summary: 'Copy the ledger, keys and all else between SQLite and PostgreSQL, and compare',
  usage: 'copy FROM TO | compare ONE OTHER',
  example: 'anthology store copy .anthology postgres://user@host/anthology',
  words: ['copy', 'compare'],
  options: {},
  async run(context, values, [action, one, other, ...rest]) {
    if (action !== 'copy' && action !== 'compare')
      throw new UsageError(
        action === undefined ? 'store needs an action' : `store has no action ${action}`,
        'Use copy or compare.',
      )
    if (one === undefined || other === undefined || rest.length > 0)
      throw new UsageError(
        `store ${action} needs two stores`,
        `Each is a data folder or a postgres:// URL: anthology store ${action} .anthology postgres://user@host/anthology`,
      )
    const isJson = values['json'] === true
    const [from, to] = [readLocation(context, one), readLocation(context, other)]
    const run = action === 'copy' ? transferStore : compareStores
    const result = await run(from, to, createProgress(context, isJson))
    const done =
      action === 'copy'
        ? `Copied ${describeLocation(from)} to ${describeLocation(to)}`
        : `Compared ${describeLocation(from)} with ${describeLocation(to)}`
    return printResult(context, isJson, result, done)
  },
}
