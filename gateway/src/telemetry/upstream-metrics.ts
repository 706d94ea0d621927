import type { ModelState, UpstreamState } from '../upstreams/upstream-state.ts'
import type { MetricSnapshot } from './metric.ts'
import { metric } from './metric-table.ts'

/** The state of the upstreams as gauges. */
export function describeUpstreamMetrics(upstreams: readonly UpstreamState[]): MetricSnapshot {
  const byUpstream = (read: (state: UpstreamState) => number) =>
    upstreams.map((state) => ({ labels: { upstream: state.upstream }, value: read(state) }))
  const byModel = (matches: (state: ModelState['state']) => boolean) =>
    upstreams.flatMap(({ upstream, models }) =>
      models.map(({ model, state }) => ({ labels: { upstream, model }, value: matches(state) ? 1 : 0 })),
    )
  return [
    metric(
      'anthology_upstream_calls',
      byUpstream(({ openCalls }) => openCalls),
    ),
    metric(
      'anthology_credential_rejected',
      byUpstream(({ rejection }) => (rejection === null ? 0 : 1)),
    ),
    metric(
      'anthology_circuit_open',
      byModel((state) => state === 'open' || state === 'probe'),
    ),
    metric(
      'anthology_quota_blocked',
      byModel((state) => state === 'blocked'),
    ),
  ]
}
