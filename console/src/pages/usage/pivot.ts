import type { UsageRow } from '../../api/usage.ts'
import { printNanoUsd, readNanoUsd } from '../../parts/format.ts'
import { usageTexts } from '../../texts/usage.ts'

export type Metric = keyof typeof usageTexts.metrics

/** Usage by one grouping over time. Values are integers: nano-dollars, calls or tokens. */
export interface Pivot {
  readonly times: readonly string[]
  /** The dearest first; what is beyond the eighth is one series. */
  readonly series: readonly {
    readonly id: string | null
    readonly name: string
    readonly values: readonly bigint[]
  }[]
}

const maxSeries = 8

/** Arranges rows that are grouped by a value and a unit of time. `allTimes` are the units of the period, which the rows need not fill. */
export function pivotUsage(rows: readonly UsageRow[], metric: Metric, allTimes: readonly string[]): Pivot {
  const times = [...new Set([...allTimes, ...rows.map(({ group }) => group[1] ?? '')])].toSorted()
  const byId = new Map<string | null, { readonly name: string; readonly values: bigint[]; sum: bigint }>()
  for (const row of rows) {
    const id = row.group[0] ?? null
    const name = row.names[0] ?? id ?? usageTexts.none
    const entry = byId.get(id) ?? { name, values: times.map(() => 0n), sum: 0n }
    byId.set(id, entry)
    const at = times.indexOf(row.group[1] ?? '')
    const value = readMetric(row, metric)
    entry.values[at] = (entry.values[at] ?? 0n) + value
    entry.sum += value
  }
  const all = [...byId]
    .map(([id, entry]) => ({ id, ...entry }))
    .toSorted((one, two) => Number(two.sum - one.sum))
  if (all.length <= maxSeries) return { times, series: all }
  const rest = all.slice(maxSeries - 1)
  const other = {
    id: null,
    name: usageTexts.other,
    values: times.map((_, at) => rest.reduce((sum, { values }) => sum + (values[at] ?? 0n), 0n)),
  }
  return { times, series: [...all.slice(0, maxSeries - 1), other] }
}

function readMetric({ cost_usd: cost, calls, quantities }: UsageRow, metric: Metric): bigint {
  switch (metric) {
    case 'cost':
      return readNanoUsd(cost)
    case 'calls':
      return BigInt(calls)
    case 'output':
      return BigInt(quantities.output)
    case 'input':
      return BigInt(
        quantities.input + quantities.cache_write_5m + quantities.cache_write_1h + quantities.cache_read,
      )
  }
}

/** The sums of each value of the first grouping, over all times. */
export interface GroupSum {
  readonly id: string | null
  readonly name: string
  readonly calls: number
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
  readonly costUsd: string
}

export function sumGroups(rows: readonly UsageRow[]): readonly GroupSum[] {
  const sums = new Map<string | null, GroupSum>()
  for (const row of rows) {
    const id = row.group[0] ?? null
    const { quantities } = row
    const known = sums.get(id)
    sums.set(id, {
      id,
      name: row.names[0] ?? id ?? usageTexts.none,
      calls: (known?.calls ?? 0) + row.calls,
      input: (known?.input ?? 0) + quantities.input,
      cacheWrite: (known?.cacheWrite ?? 0) + quantities.cache_write_5m + quantities.cache_write_1h,
      cacheRead: (known?.cacheRead ?? 0) + quantities.cache_read,
      output: (known?.output ?? 0) + quantities.output,
      costUsd: printNanoUsd(readNanoUsd(known?.costUsd ?? '0') + readNanoUsd(row.cost_usd)),
    })
  }
  return [...sums.values()].toSorted((one, two) =>
    Number(readNanoUsd(two.costUsd) - readNanoUsd(one.costUsd) || BigInt(two.calls - one.calls)),
  )
}
