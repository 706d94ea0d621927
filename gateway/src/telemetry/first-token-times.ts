import { callBounds, createHistogram, getHistogramSamples, observe } from './histogram.ts'
import type { Histogram } from './histogram.ts'
import type { Metric } from './metric.ts'
import { metric } from './metric-table.ts'

/** The time from a request to an upstream until the first content of its stream, by upstream and model. */
export interface FirstTokenTimes {
  note(upstream: string, modelId: string, ms: number): void
  /** The times of the most recent streams in milliseconds, in no order. */
  list(): readonly RecentTimes[]
  getMetric(): Metric
}

export interface RecentTimes {
  readonly upstream: string
  readonly model: string
  readonly recentMs: readonly number[]
}

interface Series {
  readonly upstream: string
  readonly model: string
  /** A ring: the newest time replaces the oldest one. */
  readonly recentMs: number[]
  count: number
  readonly histogram: Histogram
}

/** Enough for a steady median, and few enough that it follows a change within seconds of traffic. */
const maxRecent = 32

const metricName = 'anthology_upstream_first_token_seconds'

export function createFirstTokenTimes(): FirstTokenTimes {
  const byUpstream = new Map<string, Map<string, Series>>()
  const open = (upstream: string, model: string): Series => {
    const byModel = byUpstream.get(upstream) ?? new Map<string, Series>()
    byUpstream.set(upstream, byModel)
    const series = byModel.get(model) ?? {
      upstream,
      model,
      recentMs: [],
      count: 0,
      histogram: createHistogram(callBounds),
    }
    byModel.set(model, series)
    return series
  }
  const listSeries = (): readonly Series[] =>
    [...byUpstream.values()].flatMap((models) => [...models.values()])
  return {
    note(upstream, model, ms) {
      const series = open(upstream, model)
      series.recentMs[series.count % maxRecent] = ms
      series.count += 1
      observe(series.histogram, ms / 1_000)
    },
    list: () =>
      listSeries().map(({ upstream, model, recentMs }) => ({ upstream, model, recentMs: [...recentMs] })),
    getMetric: () =>
      metric(
        metricName,
        listSeries().flatMap(({ upstream, model, histogram }) =>
          getHistogramSamples(metricName, histogram, { upstream, model }),
        ),
      ),
  }
}

/** The median; null without values. */
export function computeMedian(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  if (upper === undefined) return null
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
