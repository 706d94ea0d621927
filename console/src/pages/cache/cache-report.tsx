import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { cacheReportQuery } from '../../api/cache.ts'
import type { CacheBreakpoint, CacheCall, CacheReport as Report, PrefixChange } from '../../api/cache.ts'
import { Badge } from '../../parts/badge.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import {
  formatCount,
  formatDuration,
  formatRecentTime,
  formatShare,
  formatUsd,
  printNanoUsd,
  readNanoUsd,
  sumUsd,
} from '../../parts/format.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Clipped, Name } from '../../parts/name.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { cacheTexts as texts } from '../../texts/cache.ts'
import { sessionTexts } from '../../texts/usage.ts'

const tones = { first: 'neutral', hit: 'good', changed: 'bad', expired: 'warn', uncached: 'neutral' } as const

/** The calls of a session with what each read, wrote and lost. */
export function CacheReport({ session }: { readonly session: string }) {
  const query = useQuery(cacheReportQuery(session))
  return (
    <>
      <div className="row">
        <code>
          <Clipped text={session} />
        </code>
        <CopyButton text={session} label={sessionTexts.copy} />
      </div>
      <QueryState query={query}>
        {(report) =>
          report.data.length === 0 ? (
            <Empty title={texts.none} />
          ) : (
            <>
              <Figures report={report} />
              {!report.complete && <p className="notice">{texts.cut}</p>}
              <CallTable calls={report.data} />
            </>
          )
        }
      </QueryState>
    </>
  )
}

function Figures({ report: { data, costs, pauses } }: { readonly report: Report }) {
  const sum = (read: (call: CacheCall) => number) => data.reduce((total, call) => total + read(call), 0)
  const read = sum((call) => call.read_tokens)
  const all = read + sum((call) => call.written_tokens + call.input_tokens)
  const figures = [
    [texts.figures.hits, formatShare(all === 0 ? 0 : read / all)],
    [texts.figures.lost, formatCount(sum((call) => call.lost_tokens))],
    [texts.figures.extra, formatUsd(sumUsd(data.map((call) => call.extra_usd)))],
    [texts.figures.actual, formatUsd(costs.actual_usd)],
    [texts.figures.fiveMinutes, formatUsd(costs.five_minutes_usd)],
    [texts.figures.oneHour, formatUsd(costs.one_hour_usd)],
  ] as const
  return (
    <>
      <div className="figures">
        {figures.map(([title, figure]) => (
          <div key={title} className="figure">
            <span className="small muted">{title}</span>
            <strong>{figure}</strong>
          </div>
        ))}
      </div>
      <p className="notice">
        {advise(costs)} {texts.pauses(pauses.five_minutes, pauses.one_hour, pauses.longer)}{' '}
        <span className="small">{texts.adviceNote}</span>
      </p>
    </>
  )
}

/** Names the time to live that would have cost less than the one that was used. */
export function advise({ actual_usd: actual, five_minutes_usd: short, one_hour_usd: long }: Report['costs']) {
  if (actual === null || short === null || long === null) return texts.advice.unknown
  const [nanoActual, nanoShort, nanoLong] = [readNanoUsd(actual), readNanoUsd(short), readNanoUsd(long)]
  const best = nanoShort <= nanoLong ? nanoShort : nanoLong
  if (best >= nanoActual) return texts.advice.none
  const saved = formatUsd(printNanoUsd(nanoActual - best))
  return best === nanoShort ? texts.advice.five_minutes(saved) : texts.advice.one_hour(saved)
}

function describeChange({ change, comparison }: CacheCall): string {
  if (change === null) return comparison === 'same' ? texts.same : texts.notCompared
  if (change.setting !== null) return texts.setting(change.setting)
  return texts.kinds[change.kind](describePlace(change))
}

function describePlace({ part, from, to, block }: PrefixChange): string {
  const name = part === 'settings' ? part : texts.parts[part]
  if (from !== null && to !== null && from !== to) return texts.range(name, from, to)
  return `${name} ${from ?? ''}${block === null ? '' : texts.block(block)}`
}

function describeBreakpoint({ part, number, block, lifetime }: CacheBreakpoint): string {
  const place = `${texts.parts[part]} ${number}${block === null ? '' : texts.block(block)}`
  return `${place} (${texts.lifetimes[lifetime]})`
}

function CallTable({ calls }: { readonly calls: readonly CacheCall[] }) {
  const { columns } = texts
  return (
    <DataTable
      caption={texts.caption}
      rows={calls}
      getId={({ id }) => id}
      columns={[
        {
          title: columns.started,
          isHeading: true,
          cell: ({ id, started_at: time }) => (
            <Link className="nowrap" to="/calls" search={{ open: id, live: 'off' }}>
              {formatRecentTime(time)}
            </Link>
          ),
        },
        {
          title: columns.state,
          cell: (call) => (
            <div className="prose">
              <Badge tone={tones[call.state]}>{texts.states[call.state]}</Badge>
              {call.lost_tokens > 0 && (
                <div>
                  <strong>{describeChange(call)}</strong>
                </div>
              )}
              <div className="small muted">{texts.explanations[call.state]}</div>
              {call.breakpoints.length > 0 && (
                <div className="small muted">
                  {texts.breakpoints(call.breakpoints.map(describeBreakpoint).join('; '))}
                </div>
              )}
            </div>
          ),
        },
        { title: columns.agent, cell: ({ agent_id: agent }) => agent ?? texts.mainAgent },
        { title: columns.model, cell: ({ model }) => <Name text={model} /> },
        { title: columns.pause, isNumber: true, cell: (call) => formatDuration(call.gap_ms) },
        { title: columns.read, isNumber: true, cell: (call) => formatCount(call.read_tokens) },
        { title: columns.written, isNumber: true, cell: (call) => formatCount(call.written_tokens) },
        { title: columns.input, isNumber: true, cell: (call) => formatCount(call.input_tokens) },
        { title: columns.lost, isNumber: true, cell: (call) => formatCount(call.lost_tokens) },
        { title: columns.extra, isNumber: true, cell: (call) => formatUsd(call.extra_usd) },
      ]}
    />
  )
}
