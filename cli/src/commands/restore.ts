import { restoreStore } from '@anthology/gateway'

import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { formatCount } from '../number-format.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { removeAtSignal } from '../stop.ts'
import { createProgress, resolvePathOnly } from '../store-location.ts'

export const command: Command = {
  name: 'restore',
  summary: 'Put rows of a backup back, while the server runs',
  usage: 'FILE [--data DIR] [--store URL]',
  example: 'anthology restore anthology-backup.sqlite',
  options: { ...dataOptions },
  async run(context, values, [name, ...rest]) {
    if (name === undefined || rest.length > 0)
      throw new UsageError('restore needs one file', 'For example anthology restore anthology-backup.sqlite')
    const settings = readSettings(context, values, ['data', 'store'])
    const isJson = values['json'] === true
    const file = resolvePathOnly(context, name, 'restore needs the path of a file, not a URL')
    const { isMerge, incompleteHours } = await removeAtSignal(
      context,
      'Interrupted. Run the command again: it adds the other rows, or names the next step.',
      (onFolder) => restoreStore(file, settings, createProgress(context, isJson), onFolder),
    )
    if (isJson) context.out(JSON.stringify({ file, merged: isMerge, incomplete_hours: incompleteHours }))
    else
      context.out(
        isMerge
          ? 'The rows that were missing are back; rows that were there are unchanged.'
          : 'The store is as it was in the backup.',
      )
    if (!isJson && incompleteHours > 0)
      context.out(
        `In ${formatCount(incompleteHours)} hours the store has calls of its own: the sums of calls that retention had removed before the backup are not added there.`,
      )
    return 0
  },
}
