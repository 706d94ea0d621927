import { formatNanoUsd } from '@anthology/catalog'
import { describeStoredCall, formatCsvLine } from '@anthology/gateway'
import type { CallList, OwnerNames, Period } from '@anthology/gateway'

import type { Context, Values } from '../command.ts'
import { alignColumns } from '../table.ts'
import { describeNoCalls } from './report-view.ts'

interface CallPrint extends CallList {
  readonly period: Period
  readonly isFiltered: boolean
  readonly names: OwnerNames
}

export function printCalls(
  context: Context,
  values: Values,
  { period, isFiltered, calls, next, names }: CallPrint,
): void {
  const described = calls.map((call) => describeStoredCall(call, names))
  const more = next === null ? null : `More calls: add --after ${next}`
  if (values['json'] === true || values['csv'] === true) {
    if (values['json'] === true) context.out(JSON.stringify(described, null, 2))
    else printCsv(context, described)
    // Whoever reads the output must know that it is not all.
    if (more !== null) context.err(more)
    return
  }
  if (calls.length === 0 && more === null) return context.out(describeNoCalls({ period, isFiltered }))
  const head = ['STARTED (UTC)', 'CALL', 'MODEL', 'KEY', 'OUTCOME', 'INPUT', 'OUTPUT', 'MS', 'COST USD']
  const rows = calls.map((call) => [
    new Date(Number(call['started_at_ms'])).toISOString().slice(0, 19).replace('T', ' '),
    ...['id', 'model'].map((name) => call[name]?.toString() ?? ''),
    names.key.get(String(call['key_id'])) ?? String(call['key_id']),
    call['outcome']?.toString() ?? 'running',
    ...['input_quantity', 'output_quantity', 'total_ms'].map((name) => call[name]?.toString() ?? '-'),
    typeof call['cost_nano_usd'] === 'bigint'
      ? formatNanoUsd(call['cost_nano_usd'])
      : (call['unpriced_because']?.toString() ?? '-'),
  ])
  const left = 'left' as const
  const right = 'right' as const
  const table = alignColumns([head, ...rows], [left, left, left, left, left, right, right, right, right])
  for (const line of table) context.out(line)
  if (more !== null) context.out(more)
}

function printCsv(context: Context, calls: readonly Record<string, unknown>[]): void {
  const columns = Object.keys(calls[0] ?? {})
  context.out(formatCsvLine(columns))
  for (const call of calls) context.out(formatCsvLine(columns.map((name) => formatCell(call[name]))))
}

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
