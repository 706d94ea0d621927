import type { UsageRow } from '../../api/usage.ts'
import { formatCount, readNanoUsd } from '../../parts/format.ts'
import { usageTexts } from '../../texts/usage.ts'

export type Metric = keyof typeof usageTexts.metrics

/** Usage by two groupings. Values are integers: nano-dollars, calls or tokens. */
export interface Pivot {
  /** The values of the second grouping: times in order, others with the largest first. */
  readonly bars: readonly Entry[]
  /** The values of the first grouping, the largest first. */
  readonly series: readonly Series[]
}

interface Entry {
  /** Differs from that of every other entry. */
  readonly id: string
  /** Null: calls without a value, or several values in one. */
  readonly value: string | null
  readonly name: string
}

export interface Series extends Entry {
  /** One value for each bar. */
  readonly values: readonly bigint[]
}

/** Series that a chart can tell apart. */
const maxSeries = 8

interface PivotOptions {
  readonly metric: Metric
  /** The times of the period, which the rows need not fill; null: the second grouping is no time. */
  readonly times: readonly string[] | null
}

/** Arranges rows that are grouped by two values. */
export function pivotUsage(rows: readonly UsageRow[], { metric, times }: PivotOptions): Pivot {
  const bars = listBars(rows, { metric, times })
  const places = new Map(bars.map(({ id }, at) => [id, at]))
  const series = new Map<string, Entry & { readonly values: bigint[] }>()
  for (const row of rows) {
    const entry = describeEntry(row, 0)
    const known = series.get(entry.id) ?? { ...entry, values: bars.map(() => 0n) }
    series.set(entry.id, known)
    const at = places.get(describeEntry(row, 1).id) ?? 0
    known.values[at] = (known.values[at] ?? 0n) + readMetric(row, metric)
  }
  return { bars, series: sortBySum([...series.values()], ({ values }) => sum(values)) }
}

function listBars(rows: readonly UsageRow[], { metric, times }: PivotOptions): readonly Entry[] {
  const found = new Map<string, Entry & { sum: bigint }>()
  for (const name of times ?? []) {
    const entry = { id: getId(name, 0), value: name, name, sum: 0n }
    found.set(entry.id, entry)
  }
  for (const row of rows) {
    const entry = describeEntry(row, 1)
    const known = found.get(entry.id) ?? { ...entry, sum: 0n }
    known.sum += readMetric(row, metric)
    found.set(entry.id, known)
  }
  const all = [...found.values()]
  if (times === null) return sortBySum(all, (entry) => entry.sum)
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** Adds up the smallest series, so that the others can be told apart. */
export function foldSeries(series: readonly Series[]): readonly Series[] {
  if (series.length <= maxSeries) return series
  const rest = series.slice(maxSeries - 1)
  const values = (rest[0]?.values ?? []).map((_, at) => sum(rest.map((one) => one.values[at] ?? 0n)))
  return [...series.slice(0, maxSeries - 1), { id: 'folded', value: null, name: usageTexts.other, values }]
}

/** The largest first, and all others that the server has added up last. */
function sortBySum<One extends Entry>(
  entries: readonly One[],
  getSum: (entry: One) => bigint,
): readonly One[] {
  const isOther = ({ id }: Entry) => Number(id.startsWith('others'))
  return entries.toSorted(
    (one, other) => isOther(one) - isOther(other) || Number(getSum(other) - getSum(one)),
  )
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

/** The value of a grouping: its name, or how many values the row adds up. */
export function describeEntry({ group, names, others }: UsageRow, at: number): Entry {
  const value = group[at] ?? null
  const count = others[at] ?? 0
  const name = count > 0 ? usageTexts.others(formatCount(count)) : (names[at] ?? value ?? usageTexts.none)
  return { id: getId(value, count), value: count > 0 ? null : value, name }
}

function getId(value: string | null, others: number): string {
  return others > 0 ? 'others' : JSON.stringify(value)
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
