import { formatNanoUsd } from '@anthology/catalog'
import {
  components,
  describeUsageRow,
  describeUsageTotal,
  formatCsvLine,
  listNameColumns,
  nameQuantity,
} from '@anthology/gateway'
import type { Grouping, Period, UsageRow } from '@anthology/gateway'

import { bold } from '../ansi-colors.ts'
import type { Context, Values } from '../command.ts'
import { formatNumber } from '../number-format.ts'
import { alignColumns } from '../table.ts'
import { maxMs } from './options.ts'

export interface Report {
  readonly by: readonly Grouping[]
  readonly period: Period
  readonly timeZone: string
  readonly isFiltered: boolean
  readonly rows: readonly UsageRow[]
}

export function printReport(context: Context, values: Values, report: Report): void {
  if (values['json'] === true) return context.out(JSON.stringify(describeReport(report), null, 2))
  if (values['csv'] === true) return printCsv(context, report)
  const { by, rows } = report
  if (rows.length === 0) return context.out(describeNoCalls(report))
  const head = [
    ...by.map((grouping) => grouping.toUpperCase()),
    'CALLS',
    'INPUT',
    'CACHE WRITE',
    'CACHE READ',
    'OUTPUT',
    'COST USD',
  ]
  const lines = rows.map((row) => [...by.map((_, at) => formatValue(row, at)), ...formatCells([row])])
  const total = ['total', ...by.slice(1).map(() => ''), ...formatCells(rows)]
  const table = alignColumns(
    [head, ...lines, total],
    head.map((_, at) => (at < by.length ? ('left' as const) : ('right' as const))),
  )
  const styled = table.map((line, index) =>
    index === 0 || index === table.length - 1 ? bold(line, context) : line,
  )
  // One write: a report can have tens of thousands of lines.
  context.out([...styled, ...listNotes(rows)].join('\n'))
}

export function describeNoCalls({ period, isFiltered }: Pick<Report, 'period' | 'isFiltered'>): string {
  const { sinceMs, untilMs } = period
  if (isFiltered) return 'No calls match the filters. Leave some out to include more calls.'
  return sinceMs === 0 && untilMs === maxMs
    ? 'No calls yet. Start the server with anthology serve, and send a request.'
    : 'No calls in this period. Leave out --since and --until to include all calls.'
}

/** A key, a workspace or a member by its name and id, because only ids are unique. */
function formatValue({ group, names }: UsageRow, at: number): string {
  const value = group[at] ?? null
  const name = names[at] ?? null
  if (value === null) return '(none)'
  return name === null || name === value ? value : `${name} (${value})`
}

function formatCells(rows: readonly UsageRow[]): string[] {
  const tokens = (...names: (typeof components)[number][]) =>
    formatCount(sum(rows, (row) => names.reduce((total, name) => total + row.quantities[name], 0n)))
  return [
    formatCount(sum(rows, (row) => row.calls)),
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
      'did not finish because the process ended, so its cost is unknown (see --by outcome, --calls)',
    ],
    [count('running'), 'are still running', 'is still running'],
    [
      count('client_closed') + count('upstream_aborted') + count('key_revoked') + count('shut_down'),
      'were interrupted: the cost includes what was delivered until then',
      'was interrupted: the cost includes what was delivered until then',
    ],
    [
      sum(rows, (row) => row.estimatedCalls),
      'have an estimated cost, because the upstream had not reported their output (usage_source in --calls --json)',
      'has an estimated cost, because the upstream had not reported its output (usage_source in --calls --json)',
    ],
    [
      sum(rows, (row) => row.unpricedCalls),
      'were answered but have no known price, so they are not in the cost (--calls shows the reason)',
      'was answered but has no known price, so it is not in the cost (--calls shows the reason)',
    ],
  ] as const
  const shown = notes
    .filter(([calls]) => calls > 0n)
    .map(([calls, many, one]) => `${formatNumber(calls, 'call')} ${calls === 1n ? one : many}.`)
  return [...shown, ...rows.flatMap(listRejections)]
}

/** Rejected calls are in no other figure: they were not sent to an upstream and cost nothing. */
function listRejections(row: UsageRow): readonly string[] {
  const codes = Object.entries(row.rejectedCalls)
  if (codes.length === 0) return []
  const list = codes.map(([code, calls]) => `${formatCount(calls)} ${code}`).join(', ')
  return [`Rejected calls of ${formatValue(row, 0)}: ${list}.`]
}

/** The report as JSON: money as decimal strings in USD. */
export function describeReport({ by, period, timeZone, rows }: Report): Record<string, unknown> {
  return {
    by: by.length === 1 ? by[0] : by,
    time_zone: timeZone,
    since: period.sinceMs === 0 ? null : new Date(period.sinceMs).toISOString(),
    until: period.untilMs === maxMs ? null : new Date(period.untilMs).toISOString(),
    total: describeUsageTotal(rows),
    rows: rows.map((row) => describeUsageRow(by, row)),
  }
}

/** Numbers are exact: a spreadsheet may round them, this file does not. */
function printCsv(context: Context, { by, rows }: Report): void {
  const named = listNameColumns(by)
  const head = [
    ...by,
    ...named.map(([name]) => name),
    'calls',
    'attempts',
    'unpriced_calls',
    'estimated_calls',
    ...components.map(nameQuantity),
    ...components.map((name) => `${name}_usd`),
    'cost_usd',
  ]
  const body = rows.map((row) => [
    ...row.group.map((value) => value ?? ''),
    ...named.map(([, at]) => row.names[at] ?? ''),
    ...[row.calls, row.attempts, row.unpricedCalls, row.estimatedCalls].map(String),
    ...components.map((name) => String(row.quantities[name])),
    ...components.map((name) => formatNanoUsd(row.costs[name])),
    formatNanoUsd(row.costNanoUsd),
  ])
  context.out([head, ...body].map(formatCsvLine).join('\n'))
}

function sum(rows: readonly UsageRow[], pick: (row: UsageRow) => bigint): bigint {
  return rows.reduce((total, row) => total + pick(row), 0n)
}

function formatCount(value: bigint): string {
  return value.toLocaleString('en-US')
}
