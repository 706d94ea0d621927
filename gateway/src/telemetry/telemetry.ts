import { errors } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { createLimits, limitRows } from '../limits.ts'
import type { LimitName, Limits } from '../limits.ts'
import { createAttemptCounts } from './attempt-counts.ts'
import { createCallCounts } from './call-counts.ts'
import type { AttemptEnd, SettledCall } from './call-record.ts'
import { createHistogram, getHistogramSamples, observe, shortBounds } from './histogram.ts'
import type { Metric, MetricSnapshot } from './metric.ts'
import { metric, gauge } from './metric-table.ts'
import type { MetricName } from './metric-table.ts'
import { watchProcess } from './process-metrics.ts'
import type { ProcessMetrics } from './process-metrics.ts'

/** Counts events. During a call it only increments numbers; everything else is computed at the scrape. */
export interface Telemetry {
  /** Running calls and streams; their owners increment and decrement them. */
  readonly running: { calls: number; streams: number }
  /** Counts an ended attempt; `next`: the upstream of the attempt that follows, if any. */
  countAttempt(upstream: string, end: AttemptEnd, next: string | null): void
  countCall(settled: SettledCall): void
  /** Records the time from the end of a call until its row was durable. */
  observeCommit(waitMs: number): void
  /** Counts an error that the gateway sent, and the limit that caused it, if any. */
  countApiError(code: ErrorCode, limit: LimitName | null): void
  /** Null counts nothing. */
  countLimit(limit: LimitName | null): void
  countBudget(event: BudgetEvent): void
  /** Adds a source that is read at each scrape; values with equal labels are summed. */
  watch(source: MetricSource): void
  snapshot(): MetricSnapshot
  close(): void
}

/** `would_block`: a budget that only warns would have refused a call; `threshold`: one was reached for the first time in a window. */
export type BudgetEvent = 'refused' | 'would_block' | 'threshold'

export type MetricSource = () => readonly Metric[]

export function createTelemetry(limits: Limits): Telemetry {
  const calls = createCallCounts()
  const attempts = createAttemptCounts()
  const commits = createHistogram(shortBounds)
  const apiErrors = createApiErrorCounts()
  const limitCounts = createLimits(() => 0)
  const budgetEvents: Record<BudgetEvent, number> = { refused: 0, would_block: 0, threshold: 0 }
  const running = { calls: 0, streams: 0 }
  const sources: MetricSource[] = []
  let watched: ProcessMetrics | null = null

  return {
    running,
    countAttempt(upstream, end, next) {
      attempts.add(upstream, end, next)
      // A failure that another attempt follows is no error for the client.
      if (next === null && end.errorCode !== null) apiErrors[end.errorCode] += 1
    },
    countCall: (settled) => calls.add(settled),
    observeCommit: (waitMs) => observe(commits, waitMs / 1_000),
    countApiError(code, limit) {
      apiErrors[code] += 1
      if (limit !== null) limitCounts[limit] += 1
    },
    countLimit(limit) {
      if (limit !== null) limitCounts[limit] += 1
    },
    countBudget(event) {
      budgetEvents[event] += 1
    },
    watch: (source) => void sources.push(source),
    snapshot() {
      // Start at the first scrape: a gateway that is never scraped observes nothing.
      watched ??= watchProcess()
      return [
        ...calls.getMetrics(),
        ...attempts.getMetrics(),
        metric(
          'anthology_api_errors_total',
          Object.entries(apiErrors).map(([code, value]) => ({ labels: { code }, value })),
        ),
        metric(
          'anthology_budget_events_total',
          Object.entries(budgetEvents).map(([event, value]) => ({ labels: { event }, value })),
        ),
        gauge('anthology_calls_in_flight', running.calls),
        gauge('anthology_open_streams', running.streams),
        metric(
          'anthology_ledger_commit_seconds',
          getHistogramSamples('anthology_ledger_commit_seconds', commits, {}),
        ),
        createLimitMetric('anthology_limit', limits),
        createLimitMetric('anthology_limit_reached_total', limitCounts),
        ...sources.flatMap((source) => source()),
        ...watched.getMetrics(),
      ]
    },
    close: () => watched?.close(),
  }
}

function createApiErrorCounts(): Record<ErrorCode, number> {
  // The keys of the table are the codes.
  return Object.fromEntries(Object.keys(errors).map((code) => [code, 0])) as Record<ErrorCode, number>
}

/** Creates a metric with one value per limit, labelled with its name in `anthology.yaml`. */
export function createLimitMetric(name: MetricName, numbers: Partial<Limits>): Metric {
  return metric(
    name,
    limitRows.flatMap((row) => {
      const value = numbers[row.name]
      return value === undefined ? [] : [{ labels: { name: row.configName }, value }]
    }),
  )
}
