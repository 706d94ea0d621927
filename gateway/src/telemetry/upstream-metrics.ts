import { quotas } from '../routing/quota.ts'
import type { ModelState, QuotaState, UpstreamState } from '../upstreams/upstream-state.ts'
import type { MetricSnapshot } from './metric.ts'
import { metric } from './metric-table.ts'

/** The state of the upstreams. */
export function describeUpstreamMetrics(upstreams: readonly UpstreamState[]): MetricSnapshot {
  const byUpstream = (read: (state: UpstreamState) => number) =>
    upstreams.map((state) => ({ labels: { upstream: state.upstream }, value: read(state) }))
  const byModel = (matches: (state: ModelState['state']) => boolean) =>
    upstreams.flatMap(({ upstream, models }) =>
      models.map(({ model, state }) => ({ labels: { upstream, model }, value: matches(state) ? 1 : 0 })),
    )
  const byQuota = (read: (quota: QuotaState) => number | null) =>
    upstreams.flatMap(({ upstream, models }) =>
      models.flatMap(({ model, quota }) => {
        const value = quota === null ? null : read(quota)
        return value === null ? [] : [{ labels: { upstream, model }, value }]
      }),
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
      'anthology_circuit_openings_total',
      upstreams.flatMap(({ upstream, models }) =>
        models.map(({ model, openings }) => ({ labels: { upstream, model }, value: openings })),
      ),
    ),
    metric(
      'anthology_quota_blocked',
      upstreams.flatMap(({ upstream, models }) =>
        models.flatMap(({ model, exhausted }) =>
          quotas.map((quota) => ({
            labels: { upstream, model, quota },
            value: exhausted.some((each) => each.quota === quota) ? 1 : 0,
          })),
        ),
      ),
    ),
    metric(
      'anthology_quota_used_tokens',
      byQuota(({ usedTokens }) => usedTokens),
    ),
    metric(
      'anthology_quota_limit_tokens',
      byQuota(({ limitTokens }) => limitTokens),
    ),
  ]
}
