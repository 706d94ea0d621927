import { useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'

import { rejectedCallsQuery } from '../../api/rejected-calls.ts'
import type { RejectedCalls } from '../../api/rejected-calls.ts'
import { usageCheckQuery, usageQuery } from '../../api/usage.ts'
import type { Usage, UsageSums } from '../../api/usage.ts'
import type { PageSearch } from '../../app/router.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Empty } from '../../parts/empty.tsx'
import { formatCount, formatShare, formatTime, formatUsd } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { RetentionNote } from '../../parts/retention-note.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { useLatest } from '../../parts/use-latest.ts'
import { shellTexts } from '../../texts/shell.ts'
import { usageTexts as texts } from '../../texts/usage.ts'
import { FirstCall } from '../start/first-call.tsx'
import { pivotUsage } from './pivot.ts'
import { RejectedReport } from './rejected-report.tsx'
import { UsageChart } from './usage-chart.tsx'
import { UsageControls, UsageScope } from './usage-controls.tsx'
import { createRejectedQuery, isTime, listQueries, listTimes, readUsageState } from './usage-state.ts'
import type { UsageState } from './usage-state.ts'
import { UsageTable } from './usage-table.tsx'

export function UsagePage() {
  const [search, change] = usePageSearch()
  const state = readUsageState(search)
  const rejected = useQuery(rejectedCallsQuery(createRejectedQuery(state)))
  const count = rejected.data?.total ?? 0
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/usage']} lead={texts.lead} />
      <UsageScope state={state} change={change} />
      <Tabs
        label={texts.views}
        value={state.view}
        onChange={(view) => change({ view: view === 'rejected' ? view : undefined })}
        tabs={[
          { value: 'used', title: texts.used, content: <UsedView state={state} change={change} /> },
          {
            value: 'rejected',
            title: texts.rejected(count === 0 ? null : formatCount(count)),
            content: <RejectedView query={rejected} state={state} />,
          },
        ]}
      />
    </div>
  )
}

interface UsedViewProps {
  readonly state: UsageState
  readonly change: (changes: PageSearch) => void
}

function UsedView({ state, change }: UsedViewProps) {
  const { query, isOld } = useReport(state)
  return (
    <>
      <UsageControls state={state} change={change} />
      <RetentionNote of="rollups" since={state.query['since']} />
      <RetentionNote of="calls" since={state.query['since']}>
        {texts.callsRemoved}
      </RetentionNote>
      <QueryState query={query}>
        {(report) => (
          <div className={isOld ? 'stack old' : 'stack'} aria-busy={isOld}>
            {isEmpty(report) ? <NoUsage /> : <UsageReport {...report} />}
          </div>
        )}
      </QueryState>
    </>
  )
}

function NoUsage() {
  return (
    <Empty title={texts.empty}>
      <p className="muted">{texts.emptyHint}</p>
      <FirstCall />
    </Empty>
  )
}

interface Report {
  readonly usage: Usage
  /** The rows of the chart. */
  readonly rows: Usage['data']
  /** The state that they were asked for. */
  readonly state: UsageState
}

function isEmpty({ usage }: Report): boolean {
  return usage.total.calls === 0 && usage.data.length === 0
}

/**
 * Both parts of the report are asked for at once, and shown together: a part that comes later would move the others. Until
 * then the report before stays, with its own titles and links.
 */
function useReport(state: UsageState) {
  const queries = listQueries(state)
  const sums = useQuery(usageQuery(queries.sums))
  const chart = useQuery(usageQuery(queries.chart))
  const present: Report | undefined =
    sums.data === undefined || chart.data === undefined
      ? undefined
      : { usage: sums.data, rows: chart.data.data, state }
  const error = sums.error ?? chart.error
  const latest = useLatest(present !== undefined && isEmpty(present) ? undefined : present)
  return {
    query: {
      data: present ?? (error === null ? latest : undefined),
      error,
      refetch: () => Promise.all([sums.refetch(), chart.refetch()]),
    },
    isOld: present === undefined,
  }
}

interface RejectedViewProps {
  readonly query: UseQueryResult<RejectedCalls>
  readonly state: UsageState
}

function RejectedView({ query: { data, error, refetch }, state }: RejectedViewProps) {
  const present = data === undefined ? undefined : { report: data, state }
  const isOld = present === undefined
  const latest = useLatest(data?.total === 0 ? undefined : present)
  return (
    <QueryState query={{ data: present ?? (error === null ? latest : undefined), error, refetch }}>
      {(shown) => (
        <div className={isOld ? 'stack old' : 'stack'} aria-busy={isOld}>
          <RejectedReport {...shown} />
        </div>
      )}
    </QueryState>
  )
}

function UsageReport({ usage, rows, state }: Report) {
  return (
    <>
      <Figures total={usage.total} />
      <UsageChart pivot={pivotUsage(rows, readPivotOptions(state))} state={state} />
      <UsageTable usage={usage} state={state} />
      <LedgerCheck state={state} />
    </>
  )
}

function readPivotOptions(state: UsageState) {
  return { metric: state.metric, times: isTime(state.unit) ? listTimes(state) : null }
}

function Figures({ total }: { readonly total: UsageSums }) {
  const { quantities, outcomes } = total
  const written = quantities.cache_write_5m + quantities.cache_write_1h
  const input = quantities.input + written + quantities.cache_read
  const share = input === 0 ? 0 : quantities.cache_read / input
  const failed = Object.entries(outcomes)
    .filter(([name]) => name !== 'answered' && name !== 'running')
    .reduce((sum, [, count]) => sum + count, 0)
  const figures: readonly (readonly [string, string])[] = [
    [texts.total, formatUsd(total.cost_usd)],
    [texts.calls, formatCount(total.calls)],
    [texts.input, formatCount(input)],
    [texts.output, formatCount(quantities.output)],
    [texts.cacheRead, formatShare(share)],
    [texts.failed, formatCount(failed)],
  ]
  return (
    <>
      <div className="figures">
        {figures.map(([name, value]) => (
          <p className="figure" key={name}>
            <span className="small muted">{name}</span>
            <strong>{value}</strong>
          </p>
        ))}
      </div>
      {total.unpriced_calls > 0 && (
        <p className="notice warn">{texts.unpriced(formatCount(total.unpriced_calls))}</p>
      )}
      {total.estimated_calls > 0 && (
        <p className="notice">{texts.estimated(formatCount(total.estimated_calls))}</p>
      )}
    </>
  )
}

/** States whether the single rows of the ledger, or the latest of many, have the sum of the usage. */
function LedgerCheck({ state }: { readonly state: UsageState }) {
  const { timezone: _timezone, ...query } = state.query
  const check = useQuery(usageCheckQuery(query))
  if (check.data === undefined) return <p className="small muted">{texts.checking}</p>
  const { rows, cost_usd: sum, usage_usd: usage, since, complete } = check.data
  if (sum !== usage)
    return <p className="notice warn">{texts.checkDiffers(formatUsd(sum), formatUsd(usage))}</p>
  const found = [formatCount(rows), formatUsd(sum)] as const
  return (
    <p className="notice good">
      {complete ? texts.checkEqual(...found) : texts.checkLatest(...found, formatTime(since))}
    </p>
  )
}
