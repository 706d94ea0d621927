import { resolve as resolvePath } from 'node:path'

import { restoreStore } from '@anthology/gateway'

import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { createProgress } from '../store-location.ts'

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
    const file = resolvePath(context.cwd, name)
    const { isMerge } = await restoreStore(file, settings, createProgress(context, isJson))
    if (isJson) context.out(JSON.stringify({ file, merged: isMerge }))
    else
      context.out(
        isMerge
          ? 'The rows that were missing are back; rows that were there are unchanged.'
          : 'The store is as it was in the backup.',
      )
    return 0
  },
}
