import type { Context } from '../context.ts'
import type { Port } from '../port/port.ts'
import { readUpstreamStates } from '../upstreams/upstream-state.ts'
import type { MetricSnapshot } from './metric.ts'
import { gauge, metric } from './metric-table.ts'
import { createLimitMetric } from './telemetry.ts'
import { describeUpstreamMetrics } from './upstream-metrics.ts'

/** The metrics that are read at scrape time. */
export function readGauges(context: Context, port: Pick<Port, 'counts'>): MetricSnapshot {
  const { bodies, firstTokens, ledger, storedBodies, tracing } = context
  const { lag } = ledger
  const upstreams = readUpstreamStates(context)
  const full = upstreams.reduce((sum, { connectionsFull }) => sum + connectionsFull, 0)
  const queued = upstreams.reduce((sum, { queuedCalls }) => sum + queuedCalls, 0)
  return [
    gauge('anthology_held_body_bytes', bodies.heldBytes),
    metric(
      'anthology_connections',
      Object.entries(port.counts().connections).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    metric(
      'anthology_stored_bodies_total',
      Object.entries(storedBodies?.counts ?? {}).map(([result, value]) => ({ labels: { result }, value })),
    ),
    gauge('anthology_queued_calls', queued),
    gauge('anthology_ledger_rows_waiting', ledger.waiting),
    gauge('anthology_ledger_lag_records', lag.records),
    gauge('anthology_ledger_lag_bytes', lag.bytes),
    gauge('anthology_ledger_lag_seconds', lag.oldestMs / 1_000),
    gauge('anthology_ledger_healthy', ledger.healthy ? 1 : 0),
    createLimitMetric('anthology_limit_reached_total', { upstreamConnections: full }),
    firstTokens.getMetric(),
    ...describeUpstreamMetrics(upstreams),
    ...(tracing?.getMetrics() ?? []),
  ]
}
