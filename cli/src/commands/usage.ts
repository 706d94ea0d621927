import { formatNanoUsd } from '@anthology/catalog'
import { components, groupings, listKeys, readCalls, readUsage } from '@anthology/gateway'
import type { Grouping, Period, StoredCall, UsageRow } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { bold } from '../ansi-colors.ts'
import { isDay } from '../effective-day.ts'
import { openExistingLedger } from '../ledger-file.ts'
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
    const by = readGrouping(getText(values, 'by') ?? 'model')
    const period = readPeriod(values)
    const limit = readLimit(values)
    const { dataFolder } = readSettings(context, values, ['data'])
    const database = openExistingLedger(dataFolder)
    try {
      if (values['calls'] === true) {
        const names = new Map(listKeys(database).map(({ id, name }) => [id, name]))
        printCalls(context, values, { period, calls: readCalls(database, period, limit), names })
      } else printUsage(context, values, { by, period, rows: readUsage(database, by, period) })
    } finally {
      database.close()
    }
    return 0
  },
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
  if (rows.length === 0) return context.out(describeNoCalls(period))
  const head = [by.toUpperCase(), 'CALLS', 'INPUT', 'CACHE WRITE', 'CACHE READ', 'OUTPUT', 'COST USD']
  const lines = rows.map((row) => [formatGroup(row), ...formatCells([row])])
  const table = alignColumns(
    [head, ...lines, ['total', ...formatCells(rows)]],
    ['left', ...head.slice(1).map(() => 'right' as const)],
  )
  table.forEach((line, index) =>
    context.out(index === 0 || index === table.length - 1 ? bold(line, context) : line),
  )
  for (const remark of listNotes(rows)) context.out(remark)
}

function describeNoCalls({ sinceMs, untilMs }: Period): string {
  return sinceMs === 0 && untilMs === maxMs
    ? 'No calls yet. Start the server with anthology serve, and send a request.'
    : 'No calls in this period. Leave out --since and --until to include all calls.'
}

/** A key by its name and id, because only ids are unique. */
function formatGroup({ group: id, key }: UsageRow): string {
  const name = key?.name ?? null
  return name === null || name === id ? id : `${name} (${id})`
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
      'were interrupted: the cost includes what was delivered until then',
    ],
    [
      sum(rows, (row) => row.estimatedCalls),
      'have an estimated cost, because the upstream had not reported their output (usage_source in --calls --json)',
    ],
    [
      sum(rows, (row) => row.unpricedCalls),
      'were answered but have no known price, so they are not in the cost (--calls shows the reason)',
    ],
  ] as const
  const shown = notes.filter(([calls]) => calls > 0n).map(([calls, text]) => `${group(calls)} calls ${text}.`)
  return [...shown, ...rows.flatMap(listRejections)]
}

/** Rejected calls are in no other figure: they were not sent to an upstream and cost nothing. */
function listRejections(row: UsageRow): readonly string[] {
  const codes = Object.entries(row.key?.rejectedCalls ?? {})
  if (codes.length === 0) return []
  const list = codes.map(([code, calls]) => `${group(calls)} ${code}`).join(', ')
  return [`Rejected calls of ${formatGroup(row)}: ${list}.`]
}

function publicRow(by: Grouping, row: UsageRow): Record<string, unknown> {
  const quantities = components.map((name) => [
    `${name}_${name === 'web_search' ? 'requests' : 'tokens'}`,
    Number(row.quantities[name]),
  ])
  return {
    [by]: row.group,
    ...(row.key === null ? {} : { name: row.key.name, rejected_calls: toNumbers(row.key.rejectedCalls) }),
    calls: Number(row.calls),
    outcomes: toNumbers(row.outcomes),
    ...Object.fromEntries(quantities),
    cost_usd: formatNanoUsd(row.costNanoUsd),
    unpriced_calls: Number(row.unpricedCalls),
    estimated_calls: Number(row.estimatedCalls),
  }
}

function toNumbers(counts: Readonly<Record<string, bigint>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
}

interface CallList {
  readonly period: Period
  readonly calls: readonly StoredCall[]
  readonly names: ReadonlyMap<string, string>
}

function printCalls(context: Context, values: Values, { period, calls, names }: CallList): void {
  if (values['json'] === true) {
    context.out(JSON.stringify(calls.map(publicCall), null, 2))
    return
  }
  if (calls.length === 0) return context.out(describeNoCalls(period))
  const head = ['STARTED (UTC)', 'CALL', 'MODEL', 'KEY', 'OUTCOME', 'INPUT', 'OUTPUT', 'MS', 'COST USD']
  const rows = calls.map((call) => [
    new Date(Number(call['started_at_ms'])).toISOString().slice(0, 19).replace('T', ' '),
    ...['id', 'model'].map((name) => call[name]?.toString() ?? ''),
    names.get(String(call['key_id'])) ?? String(call['key_id']),
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
  if (isDay(text)) return Date.parse(`${text}T00:00:00Z`)
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
