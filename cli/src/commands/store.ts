import { compareStores, createUnfinishedError, replayJournals, transferStore } from '@anthology/gateway'

import { UsageError } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { formatCount } from '../number-format.ts'
import { dataOptions, findEmergencyFolder, readStoreSettings } from '../settings.ts'
import {
  createProgress,
  describeLocation,
  printResult,
  readLocation,
  resolvePathOnly,
} from '../store-location.ts'

export const command: Command = {
  name: 'store',
  summary: 'Copy and compare stores, in SQLite and in PostgreSQL',
  usage: 'copy FROM TO | compare ONE OTHER | replay DIR [--store URL]',
  example: 'anthology store copy .anthology postgres://user@host/anthology',
  words: ['copy', 'compare', 'replay'],
  options: { ...dataOptions },
  async run(context, values, [action, ...rest]) {
    const run = { copy, compare, replay }[action ?? '']
    if (run === undefined)
      throw new UsageError(
        action === undefined ? 'store needs an action' : `store has no action ${action}`,
        'Use copy, compare or replay.',
      )
    return run(context, values, rest)
  },
}

type Action = (context: Context, values: Values, words: readonly string[]) => Promise<number>

const copy: Action = async (context, values, words) => {
  const [from, to] = readTwoStores(context, 'copy', words)
  const isJson = values['json'] === true
  const { config } = readStoreSettings(context, values, [])
  const progress = createProgress(context, isJson)
  const result = await transferStore(from, to, progress, findEmergencyFolder(config, context))
  const name = describeLocation(to)
  if (result.differences.length > 0) {
    const { message, hint } = createUnfinishedError(to.store === undefined ? 'folder' : 'database', name)
    context.err(`${message}. ${hint}`)
  }
  return printResult(context, isJson, result, `Copied ${describeLocation(from)} to ${name}`)
}

const compare: Action = async (context, values, words) => {
  const [one, other] = readTwoStores(context, 'compare', words)
  const isJson = values['json'] === true
  const result = await compareStores(one, other, createProgress(context, isJson))
  return printResult(
    context,
    isJson,
    result,
    `Compared ${describeLocation(one)} with ${describeLocation(other)}`,
  )
}

function readTwoStores(context: Context, action: string, [one, other, ...rest]: readonly string[]) {
  if (one === undefined || other === undefined || rest.length > 0)
    throw new UsageError(
      `store ${action} needs two stores`,
      `Each is a data folder or a postgres:// URL: anthology store ${action} .anthology postgres://user@host/anthology`,
    )
  const locations = [readLocation(context, one), readLocation(context, other)] as const
  const [first, second] = locations.map(({ dataFolder, store }) => store ?? dataFolder)
  if (first === second)
    throw new UsageError(
      `store ${action} needs two different stores`,
      `Both arguments are ${describeLocation(locations[0])}.`,
    )
  return locations
}

const replay: Action = async (context, values, [folder, ...rest]) => {
  if (folder === undefined || rest.length > 0)
    throw new UsageError(
      'store replay needs the data folder of a server that does not run any more',
      'For example anthology store replay /mnt/old/.anthology --store postgres://user@host/anthology',
    )
  const settings = readStoreSettings(context, values)
  const dataFolder = resolvePathOnly(
    context,
    folder,
    'store replay needs the path of a data folder, not a URL',
  )
  const { config, store } = settings
  const target = { dataFolder: store === undefined ? dataFolder : settings.dataFolder, store }
  const { rows, abandoned, paths } = await replayJournals(dataFolder, target, {
    emergencyFolder: findEmergencyFolder(config, context),
    onUpgrade: settings.onUpgrade,
  })
  if (values['json'] === true) context.out(JSON.stringify({ rows, abandoned, journals: paths }))
  else
    context.out(
      `${formatCount(rows)} rows from ${formatCount(paths.length)} journal files are in ${describeLocation(target)}; ${formatCount(abandoned)} calls had no end and are unknown.`,
    )
  return 0
}
