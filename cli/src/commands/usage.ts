import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { formatNanoUsd } from '@anthology/catalog'
import { components, groupings, openDatabase, readCalls, readUsage } from '@anthology/gateway'
import type { Grouping, Period, StoredCall, UsageRow } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { bold } from '../ansi-colors.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'usage',
  summary: 'Show cost by model, key, day, upstream, protocol or outcome',
  usage: '[--by model|key|day|upstream|protocol|outcome] [--since DAY] [--until DAY] [--calls]',
  example: 'anthology usage --by day --since 2026-11-01',
  options: {
    ...dataOptions,
    by: {
      type: 'string',
      value: 'GROUP',
      help: `group by ${Object.keys(groupings).join(', ')} (default model)`,
    },
    since: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD in UTC' },
    until: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD in UTC' },
    calls: { type: 'boolean', help: 'list calls instead of sums, newest first' },
    limit: { type: 'string', value: 'N', help: 'maximum number of calls (default 50)' },
  },
  withoutWords: 'It has options only: see anthology usage --help.',
  async run(context, values) {
    const { dataFolder } = readSettings(context, values)
    const by = readGrouping(getText(values, 'by') ?? 'model')
    const period = readPeriod(values)
    const limit = readLimit(values)
    if (values['calls'] === true) {
      const calls = readLedger(dataFolder, (database) => readCalls(database, period, limit))
      printCalls(context, values, calls ?? [])
    } else {
      const rows = readLedger(dataFolder, (database) => readUsage(database, by, period))
      printUsage(context, values, { by, period, rows: rows ?? [] })
    }
    return 0
  },
}

/** Null if no server has written a ledger yet; reading never creates one. */
function readLedger<Found>(
  dataFolder: string,
  read: (database: ReturnType<typeof openDatabase>) => Found,
): Found | null {
  if (!existsSync(join(dataFolder, 'anthology.sqlite'))) return null
  const database = openDatabase(dataFolder)
  try {
    return read(database)
  } finally {
    database.close()
  }
}

interface Report {
  readonly by: Grouping
  readonly period: Period
  readonly rows: readonly UsageRow[]
}

function printUsage(context: Context, values: Values, { by, period, rows }: Report): void {
  if (values['json'] === true) {
    const since = period.sinceMs === 0 ? null : new Date(period.sinceMs).toISOString()
    const until = period.untilMs === maxMs ? null : new Date(period.untilMs).toISOString()
    const total = {
      calls: Number(sum(rows, (row) => row.calls)),
      cost_usd: formatNanoUsd(sum(rows, (row) => row.costNanoUsd)),
    }
    context.out(
      JSON.stringify({ by, since, until, total, rows: rows.map((row) => publicRow(by, row)) }, null, 2),
    )
    return
  }
  if (rows.length === 0) {
    const isWhole = period.sinceMs === 0 && period.untilMs === maxMs
    context.out(
      isWhole
        ? 'No calls yet. Start the server with anthology serve, and send a request.'
        : 'No calls in this period. Leave out --since and --until to include all calls.',
    )
    return
  }
  const head = [by.toUpperCase(), 'CALLS', 'INPUT', 'CACHE WRITE', 'CACHE READ', 'OUTPUT', 'COST USD']
  const lines = rows.map((row) => [row.group, ...formatCells([row])])
  const table = alignColumns(
    [head, ...lines, ['total', ...formatCells(rows)]],
    ['left', ...head.slice(1).map(() => 'right' as const)],
  )
  table.forEach((line, index) =>
    context.out(index === 0 || index === table.length - 1 ? bold(line, context) : line),
  )
  for (const remark of listNotes(rows)) context.out(remark)
}

function formatCells(rows: readonly UsageRow[]): string[] {
  const tokens = (...names: (typeof components)[number][]) =>
    group(sum(rows, (row) => names.reduce((total, name) => total + row.quantities[name], 0n)))
  return [
    group(sum(rows, (row) => row.calls)),
    tokens('input'),
    tokens('cache_write_5m', 'cache_write_1h'),
    tokens('cache_read'),
    tokens('output'),
    formatNanoUsd(sum(rows, (row) => row.costNanoUsd)),
  ]
}

/** Notes on facts that the sums do not show. */
function listNotes(rows: readonly UsageRow[]): readonly string[] {
  const count = (name: string) => sum(rows, (row) => row.outcomes[name] ?? 0n)
  const notes = [
    [
      count('unknown'),
      'did not finish because the process ended, so their cost is unknown (see --by outcome, --calls)',
    ],
    [count('running'), 'are still running'],
    [
      count('client_closed') + count('upstream_aborted') + count('key_revoked'),
      'were interrupted: the cost includes only the usage that the upstream had reported by then',
    ],
    [
      sum(rows, (row) => row.unpricedCalls),
      'were answered but have no known price, so they are not in the cost (--calls shows the reason)',
    ],
  ] as const
  return notes.filter(([calls]) => calls > 0n).map(([calls, text]) => `${group(calls)} calls ${text}.`)
}

function publicRow(by: Grouping, row: UsageRow): Record<string, unknown> {
  const quantities = components.map((name) => [
    `${name}_${name === 'web_search' ? 'requests' : 'tokens'}`,
    Number(row.quantities[name]),
  ])
  return {
    [by]: row.group,
    calls: Number(row.calls),
    outcomes: Object.fromEntries(Object.entries(row.outcomes).map(([name, calls]) => [name, Number(calls)])),
    ...Object.fromEntries(quantities),
    cost_usd: formatNanoUsd(row.costNanoUsd),
    unpriced_calls: Number(row.unpricedCalls),
  }
}

function printCalls(context: Context, values: Values, calls: readonly StoredCall[]): void {
  if (values['json'] === true) {
    context.out(JSON.stringify(calls.map(publicCall), null, 2))
    return
  }
  const head = ['STARTED (UTC)', 'CALL', 'MODEL', 'KEY', 'OUTCOME', 'INPUT', 'OUTPUT', 'MS', 'COST USD']
  const rows = calls.map((call) => [
    new Date(Number(call['started_at_ms'])).toISOString().slice(0, 19).replace('T', ' '),
    ...['id', 'model', 'key_id'].map((name) => call[name]?.toString() ?? ''),
    call['outcome']?.toString() ?? 'running',
    ...['input_quantity', 'output_quantity', 'total_ms'].map((name) => call[name]?.toString() ?? '-'),
    typeof call['cost_nano_usd'] === 'bigint'
      ? formatNanoUsd(call['cost_nano_usd'])
      : (call['unpriced_because']?.toString() ?? '-'),
  ])
  const right = 'right' as const
  for (const line of alignColumns(
    [head, ...rows],
    ['left', 'left', 'left', 'left', 'left', right, right, right, right],
  ))
    context.out(line)
}

/** A row as JSON: money as decimal strings in USD, the usage object unchanged. */
function publicCall(call: StoredCall): Record<string, unknown> {
  const entries = Object.entries(call).map(([name, value]): [string, unknown] => {
    if (name === 'usage') return [name, typeof value === 'string' ? JSON.parse(value) : null]
    if (name === 'streamed') return [name, value === 1n]
    if (name.endsWith('_nano_usd'))
      return [name.replace('_nano_usd', '_usd'), typeof value === 'bigint' ? formatNanoUsd(value) : null]
    return [name, typeof value === 'bigint' ? Number(value) : value]
  })
  return Object.fromEntries(entries)
}

const dayMs = 86_400_000
const maxMs = 8_640_000_000_000_000

function readPeriod(values: Values): Period {
  const since = getText(values, 'since')
  const until = getText(values, 'until')
  const sinceMs = since === undefined ? 0 : readDay(since)
  const untilMs = until === undefined ? maxMs : readDay(until) + dayMs
  if (untilMs > sinceMs) return { sinceMs, untilMs }
  throw new UsageError(`--until ${until} is before --since ${since}`, 'Both days are included.')
}

function readDay(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text)) return ms
  throw new UsageError(`${JSON.stringify(text)} is not a day`, 'Write it as 2026-11-22.')
}

function readGrouping(text: string): Grouping {
  if (Object.hasOwn(groupings, text)) return text as Grouping // `text` is a key of `groupings`.
  throw new UsageError(
    `usage cannot be grouped by ${JSON.stringify(text)}`,
    `Choose one of ${Object.keys(groupings).join(', ')}.`,
  )
}

function readLimit(values: Values): number {
  const text = getText(values, 'limit')
  if (text !== undefined && values['calls'] !== true)
    throw new UsageError('--limit needs --calls', `For example: anthology usage --calls --limit ${text}`)
  const limit = Number(text ?? 50)
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw new UsageError(
    `--limit must be a whole number above 0, not ${JSON.stringify(text)}`,
    'For example --limit 100.',
  )
}

function sum(rows: readonly UsageRow[], pick: (row: UsageRow) => bigint): bigint {
  return rows.reduce((total, row) => total + pick(row), 0n)
}

function group(value: bigint): string {
  return value.toLocaleString('en-US')
}
