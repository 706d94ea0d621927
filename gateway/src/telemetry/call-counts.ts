import { callOutcomes } from '../ledger/call-row.ts'
import type { SettledCall } from './call-record.ts'
import { callBounds, createHistogram, getHistogramSamples, observe } from './histogram.ts'
import type { Histogram } from './histogram.ts'
import type { Labels, Metric, Sample } from './metric.ts'
import { metric } from './metric-table.ts'
import type { MetricName } from './metric-table.ts'
import { readTokens, tokenKinds } from './token-counts.ts'
import type { TokenCounts } from './token-counts.ts'

/** Counts calls by protocol, model and upstream. A call only increments numbers; text is created at the scrape. */
export interface CallCounts {
  add(settled: SettledCall): void
  getMetrics(): readonly Metric[]
}

interface Series {
  readonly protocol: string
  readonly model: string
  readonly upstream: string
  /** By outcome and status class; free calls are in `countCalls`. */
  readonly chatCalls: Float64Array
  readonly countCalls: Float64Array
  readonly duration: Histogram
  readonly firstByte: Histogram
  readonly firstToken: Histogram
  readonly tokens: TokenCounts
  /** A bigint, so that a counter loses no nano-dollars after a year. */
  costNanoUsd: bigint
  unpriced: number
  estimated: number
}

export function createCallCounts(): CallCounts {
  // Nested maps: a joined key would allocate a string per call.
  const protocols = new Map<string, Map<string, Map<string, Series>>>()
  const all: Series[] = []

  function findSeries(protocol: string, model: string, upstream: string): Series {
    const found = protocols.get(protocol)?.get(model)?.get(upstream)
    if (found !== undefined) return found
    const made = createSeries(protocol, model, upstream)
    const models = protocols.get(protocol) ?? new Map<string, Map<string, Series>>()
    const upstreams = models.get(model) ?? new Map<string, Series>()
    protocols.set(protocol, models.set(model, upstreams.set(upstream, made)))
    all.push(made)
    return made
  }

  return {
    add({ protocol, operation, model, upstream, row, usage }) {
      const series = findSeries(protocol, model, upstream)
      const totals = operation === 'chat' ? series.chatCalls : series.countCalls
      const index = getTotalIndex(row)
      totals[index] = (totals[index] ?? 0) + 1
      if (operation !== 'chat') return
      if (row.total_ms !== null) observe(series.duration, row.total_ms / 1_000)
      if (row.first_byte_ms !== null) observe(series.firstByte, row.first_byte_ms / 1_000)
      if (row.first_token_ms !== null) observe(series.firstToken, row.first_token_ms / 1_000)
      if (usage !== null) addTokens(series.tokens, readTokens(usage))
      if (row.usage_source === 'estimated') series.estimated += 1
      if (row.price?.ok === true) series.costNanoUsd += row.price.totalNanoUsd
      else if (row.price !== null) series.unpriced += 1
    },
    getMetrics: () => describe(all),
  }
}

function createSeries(protocol: string, model: string, upstream: string): Series {
  return {
    protocol,
    model,
    upstream,
    chatCalls: new Float64Array(callOutcomes.length * statuses.length),
    countCalls: new Float64Array(callOutcomes.length * statuses.length),
    duration: createHistogram(callBounds),
    firstByte: createHistogram(callBounds),
    firstToken: createHistogram(callBounds),
    tokens: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
    costNanoUsd: 0n,
    unpriced: 0,
    estimated: 0,
  }
}

/** In the order of the arrays of totals, as `callOutcomes`. */
const statuses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

function getTotalIndex({ outcome, status }: SettledCall['row']): number {
  const statusClass = status === null ? 0 : Math.min(Math.trunc(status / 100), statuses.length - 1)
  return callOutcomes.indexOf(outcome) * statuses.length + statusClass
}

function addTokens(sum: TokenCounts, more: TokenCounts): void {
  for (const kind of tokenKinds) sum[kind] += more[kind]
}

function describe(all: readonly Series[]): readonly Metric[] {
  const each = (name: MetricName, getSamples: (series: Series, labels: Labels) => readonly Sample[]) =>
    metric(
      name,
      all.flatMap((series) => getSamples(series, getLabels(series))),
    )
  const histogram = (name: MetricName, pick: (series: Series) => Histogram) =>
    each(name, (series, labels) => getHistogramSamples(name, pick(series), labels))

  return [
    each('anthology_calls_total', (series, labels) => [
      ...getOutcomeSamples(series.chatCalls, { ...labels, operation: 'chat' }),
      ...getOutcomeSamples(series.countCalls, { ...labels, operation: 'count_tokens' }),
    ]),
    histogram('anthology_call_duration_seconds', ({ duration }) => duration),
    histogram('anthology_call_first_byte_seconds', ({ firstByte }) => firstByte),
    histogram('anthology_call_first_token_seconds', ({ firstToken }) => firstToken),
    each('anthology_tokens_total', ({ tokens }, labels) =>
      tokenKinds.map((kind) => ({ labels: { ...labels, kind }, value: tokens[kind] })),
    ),
    each('anthology_cost_nano_usd_total', ({ costNanoUsd }, labels) => [
      { labels, value: Number(costNanoUsd) },
    ]),
    each('anthology_unpriced_calls_total', ({ unpriced }, labels) => [{ labels, value: unpriced }]),
    each('anthology_estimated_calls_total', ({ estimated }, labels) => [{ labels, value: estimated }]),
  ]
}

function getLabels({ protocol, model, upstream }: Series): Labels {
  return { protocol, model, upstream }
}

/** Omits zeros: most combinations of outcome and status never occur. */
function getOutcomeSamples(totals: Float64Array, labels: Labels): readonly Sample[] {
  return callOutcomes.flatMap((outcome, row) =>
    statuses.flatMap((status, column) => {
      const value = totals[row * statuses.length + column] ?? 0
      return value === 0 ? [] : [{ labels: { ...labels, outcome, status }, value }]
    }),
  )
}
