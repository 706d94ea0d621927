import { type ErrorCode, errors } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Leg, LegEnd } from '../calls/attempt.ts'
import { createAttemptCounts } from './attempt-counts.ts'
import { type SettledCall, createCallCounts } from './call-counts.ts'
import { createHistogram, histogramSamples, observe, shortBounds } from './histogram.ts'
import { createLimitCounts, limitFamily, reachedFamily } from './limit-counts.ts'
import type { MetricFamily, MetricSnapshot } from './metric.ts'
import { family, single } from './metric-table.ts'
import { type ProcessMetrics, watchProcess } from './process-metrics.ts'

/** Counts what happens. During a call it only adds to numbers; everything else is made when somebody asks. */
export interface Telemetry {
  /** What is under way; whoever begins something adds one and takes it away again. */
  readonly running: { calls: number; streams: number }
  /** One attempt ended; `again`: another upstream is tried. */
  attempted(leg: Leg, end: LegEnd, again: boolean): void
  called(settled: SettledCall): void
  /** A row is durable, so long after it was handed over. */
  committed(waitMs: number): void
  /** A refusal of our own went out, because of a limit or for another reason. */
  refused(code: ErrorCode, limit: keyof Limits | null): void
  /** Null, where it was no limit, counts nothing. */
  reached(limit: keyof Limits | null): void
  /** What somebody else counts is asked for at the scrape; values with the same labels are added up. */
  watch(source: MetricSource): void
  snapshot(): MetricSnapshot
  close(): void
}

export type MetricSource = () => readonly MetricFamily[]

export function createTelemetry(limits: Limits): Telemetry {
  const calls = createCallCounts()
  const attempts = createAttemptCounts()
  const commits = createHistogram(shortBounds)
  const refusals = createRefusalCounts()
  const reached = createLimitCounts()
  const running = { calls: 0, streams: 0 }
  const sources: MetricSource[] = []
  let watched: ProcessMetrics | null = null

  return {
    running,
    attempted({ attempt }, end, again) {
      attempts.add(attempt.account.name, end, again)
      // What another upstream makes good is no refusal.
      if (!again && end.finish.kind === 'refusal') refusals[end.finish.code] += 1
    },
    called: (settled) => calls.add(settled),
    committed: (waitMs) => observe(commits, waitMs / 1_000),
    refused(code, limit) {
      refusals[code] += 1
      if (limit !== null) reached[limit] += 1
    },
    reached(limit) {
      if (limit !== null) reached[limit] += 1
    },
    watch: (source) => void sources.push(source),
    snapshot() {
      // Only from the first scrape on: a gateway whose metrics nobody reads watches nothing.
      watched ??= watchProcess()
      return [
        ...calls.families(),
        ...attempts.families(),
        family(
          'anthology_refusals_total',
          Object.entries(refusals).map(([code, value]) => ({ labels: { code }, value })),
        ),
        single('anthology_calls_in_flight', running.calls),
        single('anthology_open_streams', running.streams),
        family(
          'anthology_ledger_commit_seconds',
          histogramSamples('anthology_ledger_commit_seconds', commits, {}),
        ),
        limitFamily(limits),
        reachedFamily(reached),
        ...sources.flatMap((source) => source()),
        ...watched.families(),
      ]
    },
    close: () => watched?.close(),
  }
}

function createRefusalCounts(): Record<ErrorCode, number> {
  // The keys of the table are the codes.
  return Object.fromEntries(Object.keys(errors).map((code) => [code, 0])) as Record<ErrorCode, number>
}
