import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'

import { getRowId, mergePage, useCallTail } from '../../api/call-tail.ts'
import type { Tail } from '../../api/call-tail.ts'
import { callCountQuery, getCallsCsvUrl, listCallsQuery, readFirstPage } from '../../api/calls.ts'
import type { Call, CallPage } from '../../api/calls.ts'
import type { ListPage } from '../../api/list-page.ts'
import type { PageSearch } from '../../app/router.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Empty } from '../../parts/empty.tsx'
import { Check } from '../../parts/field.tsx'
import { formatCount } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { RetentionNote } from '../../parts/retention-note.tsx'
import { callTexts } from '../../texts/calls.ts'
import { shellTexts } from '../../texts/shell.ts'
import { FirstCall } from '../start/first-call.tsx'
import { findPeriod } from '../usage/usage-state.ts'
import { CallDetail } from './call-detail.tsx'
import { CallFilters, filterNames, readFilters } from './call-filters.tsx'
import { CallTable } from './call-table.tsx'
import { LookFurther } from './look-further.tsx'

export function CallsPage() {
  const [search, change] = usePageSearch()
  const filter = readFilters(search)
  const { after, open } = search
  const queries = useQueryClient()
  const query = useQuery(listCallsQuery(filter, after))
  const isLive = search['live'] !== 'off' && after === undefined && search['until'] === undefined
  const tail = useCallTail(filter, isLive, () => readFirstPage(queries, filter))
  // The calls of another filter or page stay until those that were asked for are there.
  const isOld = query.isPlaceholderData
  const isScrolled = useScrolled()
  const isPaused = isLive && (open !== undefined || isScrolled)
  const list = useShownCalls(query, after === undefined ? tail.calls : none, {
    isPaused,
    key: JSON.stringify([filter, after]),
  })
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/calls']} lead={<Lead search={search} />}>
        <Check
          label={callTexts.live}
          isOn={isLive}
          onChange={(isOn) => change({ live: isOn ? undefined : 'off', after: undefined })}
        />
        <a className="button" href={getCallsCsvUrl(filter)} download="calls.csv" title={callTexts.exportHint}>
          {callTexts.exportCsv}
        </a>
      </PageHead>
      <CallFilters search={search} change={change}>
        <MatchingCalls filter={filter} isLive={isLive} shown={list.shown?.data ?? none} />
      </CallFilters>
      <div
        role="status"
        aria-live="polite"
        className={isScrolled ? 'row live-state floating' : 'row live-state'}
      >
        {isLive && <LiveState tail={tail} isPaused={isPaused} />}
        <NewCalls list={list} />
      </div>
      <QueryState query={isOld && query.data?.data.length === 0 ? { ...query, data: undefined } : query}>
        {(page) => <CallList page={{ ...page, ...list.shown }} isOld={isOld} />}
      </QueryState>
      {open !== undefined && (
        <CallDetail
          rowId={open}
          neighbours={list.shown?.data.map(getRowId) ?? []}
          onOpen={(id) => change({ open: id })}
          onClose={() => change({ open: undefined, tab: undefined })}
        />
      )}
    </div>
  )
}

interface CallListProps {
  readonly page: CallPage
  readonly isOld: boolean
}

function CallList({ page, isOld }: CallListProps) {
  const [search, change] = usePageSearch()
  const filter = readFilters(search)
  const { data: calls, next } = page
  const { after, open } = search
  const go = (to: string | undefined) => !isOld && change({ after: to }, { push: true })
  return (
    <div className={isOld ? 'stack old' : 'stack'} aria-busy={isOld}>
      <RemovedCalls next={next} since={filter.since} />
      {calls.length === 0 ? (
        <NoCalls filter={filter} page={page} go={go} />
      ) : (
        <CallTable
          calls={calls}
          openId={open}
          onOpen={(call) => change({ open: getRowId(call) }, { push: true })}
        />
      )}
      <Paging next={next} after={after} go={go} />
    </div>
  )
}

interface MatchingCallsProps {
  readonly filter: ReturnType<typeof readFilters>
  readonly isLive: boolean
  readonly shown: readonly Call[]
}

/** The calls are counted from time to time, and the tail shows new ones before. */
function MatchingCalls({ filter, isLive, shown }: MatchingCallsProps) {
  const { data } = useQuery(callCountQuery(filter, isLive))
  if (data === undefined) return null
  const ended = shown.filter(({ outcome }) => outcome !== 'running').length
  const count = formatCount(Math.max(data.count, ended))
  return <span className="small muted">{callTexts.matching(count, data.complete)}</span>
}

/** At the end of the list, or where the asked period begins: calls before that are removed. */
function RemovedCalls({ next, since }: { readonly next: string | null; readonly since: string | undefined }) {
  return next === null || since !== undefined ? <RetentionNote of="calls" since={since} /> : null
}

interface LiveStateProps {
  readonly tail: Pick<Tail, 'state' | 'skipped'>
  readonly isPaused: boolean
}

function LiveState({ tail: { state, skipped }, isPaused }: LiveStateProps) {
  const lines = [
    callTexts.liveState[state],
    isPaused ? callTexts.livePaused : '',
    skipped > 0 ? callTexts.skipped : '',
  ]
  return lines
    .filter((line) => line !== '')
    .map((line) => (
      <span className="muted small" key={line}>
        {line}
      </span>
    ))
}

function NewCalls({ list }: { readonly list: ReturnType<typeof useShownCalls> }) {
  if (list.waiting === 0) return null
  return (
    <button type="button" className="button small primary" onClick={list.show}>
      {callTexts.newCalls(list.waiting, list.hasGap)}
    </button>
  )
}

interface NoCallsProps {
  readonly filter: ReturnType<typeof readFilters>
  readonly page: CallPage
  readonly go: (after: string) => void
}

function NoCalls({ filter, page, go }: NoCallsProps) {
  const [search, change] = usePageSearch()
  if (page.next !== null)
    return <LookFurther key={JSON.stringify([filter, search['after']])} filter={filter} page={page} go={go} />
  if (Object.keys(filter).length === 0)
    return (
      <Empty title={callTexts.emptyTitle}>
        <FirstCall />
        <RejectedLink search={search} />
      </Empty>
    )
  return (
    <Empty title={callTexts.emptyFiltered}>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
        >
          {callTexts.filters.clear}
        </button>
        <RejectedLink search={search} className="button" />
      </div>
    </Empty>
  )
}

interface PagingProps {
  readonly next: string | null
  readonly after: string | undefined
  readonly go: (after: string | undefined) => void
}

function Paging({ next, after, go }: PagingProps) {
  return (
    <div className="row end">
      {after !== undefined && (
        <button type="button" className="button" onClick={() => go(undefined)}>
          {shellTexts.newest}
        </button>
      )}
      {next !== null && (
        <button type="button" className="button" onClick={() => go(next)}>
          {shellTexts.older}
        </button>
      )}
    </div>
  )
}

const none: readonly Call[] = []

/** Rejected calls are no rows, so the lead names the place of their counts. */
function Lead({ search }: { readonly search: PageSearch }) {
  return (
    <>
      {callTexts.lead} {callTexts.rejected} <RejectedLink search={search} />.
    </>
  )
}

interface RejectedLinkProps {
  readonly search: PageSearch
  readonly className?: string
}

/** Leads to the counts of rejected calls, with those filters that they can have. */
function RejectedLink({ search, className }: RejectedLinkProps) {
  const { key, workspace, member, since } = search
  const period = since === undefined ? undefined : findPeriod(since)
  return (
    <Link to="/usage" search={{ view: 'rejected', key, workspace, member, period }} className={className}>
      {callTexts.toRejected}
    </Link>
  )
}

function useScrolled(): boolean {
  const [isScrolled, setScrolled] = useState(false)
  useEffect(() => {
    const update = () => setScrolled(window.scrollY > scrolledPixels)
    document.addEventListener('scroll', update, { passive: true })
    return () => document.removeEventListener('scroll', update)
  }, [])
  return isScrolled
}

const scrolledPixels = 200

interface ShownCalls {
  readonly data: readonly Call[]
  readonly next: string | null
}

interface Pause {
  /** The list stands still while a call is open and while the page is scrolled. */
  readonly isPaused: boolean
  /** Names the list: another one is never held back. */
  readonly key: string
}

/** The page of the server, the first one with the calls of the tail, and the number of calls that wait in a pause. */
function useShownCalls(
  { data: page, isPlaceholderData }: Pick<UseQueryResult<ListPage<Call>>, 'data' | 'isPlaceholderData'>,
  tail: readonly Call[],
  { isPaused, key }: Pause,
) {
  const present = useMemo((): ShownCalls | undefined => {
    if (page === undefined || isPlaceholderData) return undefined
    return { data: mergePage(tail, page), next: page.next }
  }, [page, isPlaceholderData, tail])
  const [kept, setKept] = useState<{ readonly key: string; readonly list: ShownCalls } | null>(null)
  useEffect(() => {
    if (present === undefined) return
    setKept((current) => (isPaused && current?.key === key ? current : { key, list: present }))
  }, [present, isPaused, key])
  const shown = isPaused && kept?.key === key ? kept.list : present
  const known = new Set(shown?.data.map(getRowId))
  const waiting = present?.data.filter((call) => !known.has(getRowId(call))).length ?? 0
  return {
    shown,
    waiting,
    /** Whether calls that are in neither list lie between them. */
    hasGap: present?.next !== null && waiting > 0 && waiting === present?.data.length,
    show: () => {
      if (present !== undefined) setKept({ key, list: present })
    },
  }
}
