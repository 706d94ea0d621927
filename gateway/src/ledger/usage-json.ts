import { readDetails } from './call-details.ts'
import { formatNanoUsd } from '@anthology/catalog'

import { components } from './call-row.ts'
import type { StoredCall } from './stored-call.ts'
import type { OwnerNames } from './owner-names.ts'
import type { Grouping, UsageRow } from './usage-row.ts'

/** A row of a report as JSON: counts as numbers, money as decimal strings in USD. */
export function describeUsageRow(by: readonly Grouping[], row: UsageRow): Record<string, unknown> {
  return {
    ...Object.fromEntries(by.map((grouping, at) => [grouping, row.group[at]])),
    ...Object.fromEntries(listNameColumns(by).map(([name, at]) => [name, row.names[at]])),
    ...(by.length === 1 && by[0] === 'key' ? { rejected_calls: toNumbers(row.rejectedCalls) } : {}),
    calls: Number(row.calls),
    attempts: Number(row.attempts),
    outcomes: toNumbers(row.outcomes),
    ...Object.fromEntries(components.map((name) => [nameQuantity(name), Number(row.quantities[name])])),
    ...Object.fromEntries(components.map((name) => [`${name}_usd`, formatNanoUsd(row.costs[name])])),
    cost_usd: formatNanoUsd(row.costNanoUsd),
    unpriced_calls: Number(row.unpricedCalls),
    estimated_calls: Number(row.estimatedCalls),
  }
}

/** The sum of all rows. */
export function describeUsageTotal(rows: readonly UsageRow[]): Record<string, unknown> {
  return {
    calls: Number(rows.reduce((sum, { calls }) => sum + calls, 0n)),
    cost_usd: formatNanoUsd(rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)),
  }
}

/** The members with the names of ids, and the position of their grouping: `name` for one, `key_name` etc. for two. */
export function listNameColumns(by: readonly Grouping[]): readonly (readonly [name: string, at: number])[] {
  return by.flatMap((grouping, at) => {
    if (grouping !== 'key' && grouping !== 'workspace' && grouping !== 'member') return []
    return [[by.length === 1 ? 'name' : `${grouping}_name`, at] as const]
  })
}

export function nameQuantity(component: string): string {
  return `${component}_${component === 'web_search' ? 'requests' : 'tokens'}`
}

/** A call as JSON: money as decimal strings in USD, the usage object unchanged. */
export function describeStoredCall(call: StoredCall, names: OwnerNames): Record<string, unknown> {
  const { details, ...columns } = call
  const entries = Object.entries(columns).map(([name, value]): [string, unknown] => {
    if (name === 'usage' || name === 'labels')
      return [name, typeof value === 'string' ? JSON.parse(value) : null]
    if (name === 'streamed') return [name, value === 1n]
    if (name.endsWith('_nano_usd'))
      return [name.replace('_nano_usd', '_usd'), typeof value === 'bigint' ? formatNanoUsd(value) : null]
    return [name, typeof value === 'bigint' ? Number(value) : value]
  })
  const { id, ...rest } = Object.fromEntries(entries)
  const name = (map: ReadonlyMap<string, string>, column: string) =>
    map.get(String(call[column])) ?? call[column]?.toString() ?? null
  return {
    id,
    started_at: new Date(Number(call['started_at_ms'])).toISOString(),
    key: name(names.key, 'key_id'),
    workspace: name(names.workspace, 'workspace_id'),
    member: name(names.member, 'member_id'),
    ...rest,
    routing: readDetails(details).plan,
  }
}

function toNumbers(counts: Readonly<Record<string, bigint>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
}
