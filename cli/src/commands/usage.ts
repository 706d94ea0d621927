import { groupings, listCalls, readOwnerNames, readUsage } from '@anthology/gateway'
import type { Database } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { openForReports } from '../ledger-file.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { printCalls } from '../usage/call-view.ts'
import { printFocus } from '../usage/focus-export.ts'
import {
  filterOptions,
  hasFilter,
  listFilters,
  readChoices,
  readFilter,
  readGroupings,
  readPeriod,
  readTimeZone,
} from '../usage/options.ts'
import { printReport } from '../usage/report-view.ts'

export const command: Command = {
  name: 'usage',
  summary: 'Show cost and tokens by model, key, workspace, label, day and more',
  usage: '[export --focus] [--by GROUP[,GROUP]] [--since DAY] [--until DAY] [--tz ZONE] [--calls] [--csv]',
  example: 'anthology usage --by day,model --since 2026-11-01',
  options: {
    ...dataOptions,
    by: {
      type: 'string',
      value: 'GROUP[,GROUP]',
      help: `group by one or two of ${groupings.join(', ')}, label:NAME (default model)`,
    },
    ...filterOptions,
    csv: { type: 'boolean', help: 'print CSV' },
    calls: { type: 'boolean', help: 'list calls instead of sums, newest first' },
    session: { type: 'string', value: 'ID', help: 'with --calls: calls of this session' },
    limit: { type: 'string', value: 'N', help: 'with --calls: maximum number of calls (default 50)' },
    focus: { type: 'boolean', help: 'with export: charges by day as CSV of FOCUS 1.2; --by hour for hours' },
    after: { type: 'string', value: 'CURSOR', help: 'with --calls: continue behind an earlier list' },
  },
  words: ['export'],
  async run(context, values, [word, ...more]) {
    const stray = word !== undefined && word !== 'export' ? word : more[0]
    if (stray !== undefined)
      throw new UsageError(
        `anthology usage does not accept ${JSON.stringify(stray)}`,
        'The only word is export: anthology usage export --focus.',
      )
    const settings = readStoreSettings(context, values)
    const print = word === 'export' ? prepareExport(values) : prepare(values)
    const database = await openForReports(settings)
    try {
      await print(context, database)
    } finally {
      await database.close()
    }
    return 0
  },
}

/** Reads the database only after the options have been checked. */
type Print = (context: Context, database: Database) => Promise<void>

function prepare(values: Values): Print {
  if (values['focus'] === true)
    throw new UsageError('--focus needs the word export', 'For example: anthology usage export --focus.')
  return values['calls'] === true ? prepareCalls(values) : prepareReport(values)
}

/** Charges have the days and hours of UTC, as FOCUS requires. */
function prepareExport(values: Values): Print {
  if (values['focus'] !== true)
    throw new UsageError(
      'usage export needs --focus',
      'For example: anthology usage export --focus > charges.csv.',
    )
  const stray = [...listFilters(values), 'tz', 'session', 'limit', 'after', 'calls', 'json'].find(
    (name) => values[name] !== undefined,
  )
  if (stray !== undefined)
    throw new UsageError(
      `usage export does not accept --${stray}`,
      'It has all charges of the days (UTC) from --since to --until, as CSV.',
    )
  const unit = getText(values, 'by') ?? 'day'
  if (unit !== 'day' && unit !== 'hour')
    throw new UsageError(`charges are by day or hour, not by ${unit}`, 'For example --by hour.')
  const period = readPeriod(values, 'UTC')
  return (context, database) => printFocus(context, database, { period, unit })
}

function prepareReport(values: Values): Print {
  for (const name of ['limit', 'after', 'session'])
    if (values[name] !== undefined)
      throw new UsageError(
        `--${name} needs --calls`,
        `For example: anthology usage --calls --${name} ${String(values[name])}`,
      )
  readChoices(values)
  const by = readGroupings(values)
  const timeZone = readTimeZone(values)
  const period = readPeriod(values, timeZone)
  return async (context, database) => {
    const filter = readFilter(values, await readOwnerNames(database))
    const rows = await readUsage(database, { by, period, timeZone, filter })
    printReport(context, values, { by, period, timeZone, isFiltered: hasFilter(values), rows })
  }
}

function prepareCalls(values: Values): Print {
  if (values['by'] !== undefined)
    throw new UsageError(
      '--by does not apply to --calls, which lists single calls',
      'Leave out one of them, or filter the list: --key ci.',
    )
  readChoices(values)
  const period = readPeriod(values, readTimeZone(values))
  const page = { limit: readLimit(values), after: getText(values, 'after') ?? null }
  const session = getText(values, 'session')
  return async (context, database) => {
    const names = await readOwnerNames(database)
    const filter = { ...readFilter(values, names), ...(session === undefined ? {} : { session }), period }
    printCalls(context, values, {
      ...(await readPage(database, filter, page)),
      period,
      isFiltered: hasFilter(values) || session !== undefined,
      names,
    })
  }
}

async function readPage(...args: Parameters<typeof listCalls>): ReturnType<typeof listCalls> {
  try {
    return await listCalls(...args)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(`--after: ${error.message}`, 'Copy it from the last line of the list before.')
  }
}

function readLimit(values: Values): number {
  const text = getText(values, 'limit')
  const limit = Number(text ?? 50)
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw new UsageError(
    `--limit must be a whole number above 0, not ${JSON.stringify(text)}`,
    'For example --limit 100.',
  )
}
