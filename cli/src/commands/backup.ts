import { backUpStore } from '@anthology/gateway'

import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { openExistingLedger } from '../ledger-file.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { removeAtSignal } from '../stop.ts'
import { createProgress, printDifferences, resolvePathOnly } from '../store-location.ts'

export const command: Command = {
  name: 'backup',
  summary: 'Write all tables into a file, while the server runs',
  usage: 'FILE [--data DIR] [--store URL]',
  example: 'anthology backup anthology-backup.sqlite',
  options: { ...dataOptions },
  async run(context, values, [name, ...rest]) {
    if (name === undefined || rest.length > 0)
      throw new UsageError('backup needs one file', 'For example anthology backup anthology-backup.sqlite')
    const settings = readStoreSettings(context, values)
    if (settings.store === undefined) openExistingLedger(settings).close()
    const isJson = values['json'] === true
    const file = resolvePathOnly(context, name, 'backup needs the path of a file, not a URL')
    const { differences } = await removeAtSignal(
      context,
      `Interrupted: ${file} was not written.`,
      (onFolder) => backUpStore(settings, file, createProgress(context, isJson), onFolder),
    )
    const complete = differences.length === 0
    if (isJson) context.out(JSON.stringify({ file, complete }))
    else if (complete)
      context.out(
        `${file} has all tables. The secrets of the data folder are files beside it; keep copies of them too.`,
      )
    else {
      printDifferences(context, differences)
      context.err(`${file} was not written, because the copy differs from the store. Run the command again.`)
    }
    return complete ? 0 : 1
  },
}
