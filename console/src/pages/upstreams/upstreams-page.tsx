import { useMutation, useQuery } from '@tanstack/react-query'

import { useMay } from '../../api/session.ts'
import { testUpstream, upstreamsQuery } from '../../api/upstreams.ts'
import type { ModelHealth, Upstream, UpstreamTest } from '../../api/upstreams.ts'
import { Badge } from '../../parts/badge.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { formatCount, formatDuration, formatTime } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { upstreamTexts as texts } from '../../texts/upstreams.ts'
import { shellTexts } from '../../texts/shell.ts'

export function UpstreamsPage() {
  const query = useQuery(upstreamsQuery)
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/upstreams']} lead={texts.lead} />
      <QueryState query={query}>
        {({ data }) => data.map((upstream) => <UpstreamCard key={upstream.name} upstream={upstream} />)}
      </QueryState>
    </div>
  )
}

function UpstreamCard({ upstream }: { readonly upstream: Upstream }) {
  const { name, platform, credential, health } = upstream
  const mayTest = useMay()
  const test = useMutation({ mutationFn: () => testUpstream(name) })
  return (
    <section className="card" aria-label={name}>
      <div className="card-head">
        <h2>
          {name} <span className="muted">{platform}</span>
        </h2>
        {mayTest && (
          <span className="row">
            <span className="small muted">{texts.testHint}</span>
            <button
              type="button"
              className="button small"
              aria-label={texts.testLabel(name)}
              disabled={test.isPending}
              onClick={() => test.mutate()}
            >
              {texts.test}
            </button>
          </span>
        )}
      </div>
      <div role="status">
        {test.data !== undefined && <TestResult test={test.data} />}
        {test.error !== null && <p className="notice bad">{test.error.message}</p>}
      </div>
      {health.flatMap(({ model, exhausted_quotas: exhausted }) =>
        exhausted.map(({ quota, next_try_at: time }) => (
          <p className="notice warn" key={`${model} ${quota}`}>
            {texts.exhausted[quota](model, formatTime(time))}
          </p>
        )),
      )}
      {health.map(
        ({ model, last_failure: reason }) =>
          reason !== null && (
            <p className="notice warn" key={model}>
              {texts.failed(model, reason)}
            </p>
          ),
      )}
      {credential.rejected !== null && <p className="notice bad">{texts.rejected(credential.rejected)}</p>}
      <Facts
        facts={[
          [texts.group, upstream.group],
          [texts.weight, upstream.weight],
          [texts.region, upstream.region],
          [texts.hosting, upstream.hosting === null ? null : texts.hostings[upstream.hosting]],
          [texts.address, upstream.base_url],
          [texts.proxy, upstream.proxy],
          [texts.price, texts.prices[upstream.price]],
          [texts.openCalls, formatCount(upstream.open_calls)],
          [texts.queued, formatCount(upstream.queued_calls)],
          [texts.connections, formatCount(upstream.connections.open)],
          [texts.openings, formatCount(health.reduce((sum, each) => sum + each.circuit_openings, 0))],
        ]}
      />
      {health.length === 0 ? (
        <p className="muted">{texts.noHealth}</p>
      ) : (
        <HealthTable name={name} health={health} />
      )}
    </section>
  )
}

function TestResult({ test }: { readonly test: UpstreamTest }) {
  const isGood = test.result === 'answered'
  const parts = [
    texts.results[test.result],
    test.model,
    test.took_ms === null ? null : formatDuration(test.took_ms),
    isGood ? null : test.status,
    test.message,
  ].filter((part) => part !== null)
  return <p className={isGood ? 'notice good' : 'notice bad'}>{parts.join(' · ')}</p>
}

interface HealthTableProps {
  readonly name: string
  readonly health: readonly ModelHealth[]
}

function HealthTable({ name, health }: HealthTableProps) {
  const titles = texts.columns
  return (
    <DataTable
      caption={texts.caption(name)}
      rows={health}
      getId={({ model }) => model}
      columns={[
        {
          title: titles.model,
          isHeading: true,
          cell: ({ model }) => <Name text={model} />,
        },
        {
          title: titles.state,
          cell: ({ state }) => (
            <Badge tone={state === 'healthy' ? 'good' : state === 'probe' ? 'warn' : 'bad'}>
              {texts.states[state]}
            </Badge>
          ),
        },
        { title: titles.failures, isNumber: true, cell: ({ failures }) => formatCount(failures) },
        { title: titles.openings, isNumber: true, cell: (row) => formatCount(row.circuit_openings) },
        { title: titles.lastFailure, cell: ({ last_failure_at: time }) => formatTime(time) },
        { title: titles.nextTry, cell: ({ next_try_at: time }) => formatTime(time) },
        { title: titles.quota, isNumber: true, cell: ({ quota }) => printQuota(quota) },
        {
          title: titles.firstToken,
          isNumber: true,
          cell: ({ first_token_ms: ms }) => formatDuration(ms),
        },
      ]}
    />
  )
}

function printQuota(quota: ModelHealth['quota']): string {
  if (quota === null) return formatCount(null)
  const used = formatCount(quota.used_tokens)
  return quota.tokens_per_minute === null ? used : texts.quotaOf(used, formatCount(quota.tokens_per_minute))
}
