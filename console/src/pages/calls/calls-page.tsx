import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { mergeCalls, getRowId, useCallTail } from '../../api/call-tail.ts'
import { getCallsCsvUrl, listCallsQuery } from '../../api/calls.ts'
import type { Call } from '../../api/calls.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { Empty } from '../../parts/empty.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { RetentionNote } from '../../parts/retention-note.tsx'
import { callTexts } from '../../texts/calls.ts'
import { shellTexts } from '../../texts/shell.ts'
import { FirstCall } from '../start/first-call.tsx'
import { CallDetail } from './call-detail.tsx'
import { CallFilters, filterNames, readFilters } from './call-filters.tsx'
import { CallTable } from './call-table.tsx'

export function CallsPage() {
  const [search, change] = usePageSearch()
  const filter = readFilters(search)
  const { after, open } = search
  const query = useQuery(listCallsQuery(filter, after))
  const isLive = search['live'] !== 'off' && after === undefined && search['until'] === undefined
  const tail = useCallTail(filter, isLive)
  const isPaused = usePause(open !== undefined)
  const shown = useShownCalls(query.data?.data, tail.calls, isPaused)
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/calls']} lead={callTexts.lead}>
        <label className="row">
          <input
            type="checkbox"
            checked={isLive}
            onChange={({ target }) => change({ live: target.checked ? undefined : 'off', after: undefined })}
          />
          {callTexts.live}
        </label>
        <a className="button" href={getCallsCsvUrl(filter)} download="calls.csv" title={callTexts.exportHint}>
          {callTexts.exportCsv}
        </a>
      </PageHead>
      <CallFilters search={search} change={change} />
      <div role="status" aria-live="polite" className="row">
        {isLive && callTexts.liveState[tail.state] !== '' && (
          <span className="muted small">{callTexts.liveState[tail.state]}</span>
        )}
        {shown.waiting > 0 && (
          <button type="button" className="button small primary" onClick={shown.show}>
            {callTexts.newCalls(shown.waiting)}
          </button>
        )}
        {tail.skipped > 0 && <span className="muted small">{callTexts.skipped(tail.skipped)}</span>}
      </div>
      <QueryState query={query}>
        {({ next }) => (
          <>
            {(next === null || filter.since !== undefined) && (
              <RetentionNote of="calls" since={filter.since} />
            )}
            {shown.calls.length === 0 ? (
              <NoCalls isFiltered={Object.keys(filter).length > 0} hasMore={next !== null} />
            ) : (
              <CallTable
                calls={shown.calls}
                openId={open}
                onOpen={(call) => change({ open: getRowId(call) }, { push: true })}
              />
            )}
            <Paging next={next} after={after} go={(to) => change({ after: to }, { push: true })} />
          </>
        )}
      </QueryState>
      {open !== undefined && (
        <CallDetail
          rowId={open}
          neighbours={shown.calls.map(getRowId)}
          onOpen={(id) => change({ open: id })}
          onClose={() => change({ open: undefined, tab: undefined })}
        />
      )}
    </div>
  )
}

interface NoCallsProps {
  readonly isFiltered: boolean
  readonly hasMore: boolean
}

function NoCalls({ isFiltered, hasMore }: NoCallsProps) {
  const [, change] = usePageSearch()
  if (hasMore) return <Empty title={callTexts.looked} />
  if (!isFiltered)
    return (
      <Empty title={callTexts.emptyTitle}>
        <FirstCall />
      </Empty>
    )
  return (
    <Empty title={callTexts.emptyFiltered}>
      <button
        type="button"
        className="button"
        onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
      >
        {callTexts.filters.clear}
      </button>
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

/** The list stands still while a call is open and while the page is scrolled. */
function usePause(isOpen: boolean): boolean {
  const [isScrolled, setScrolled] = useState(false)
  useEffect(() => {
    const update = () => setScrolled(window.scrollY > scrolledPixels)
    document.addEventListener('scroll', update, { passive: true })
    return () => document.removeEventListener('scroll', update)
  }, [])
  return isOpen || isScrolled
}

const scrolledPixels = 200

/** The page of the server with the new calls in front, and the number of those that wait. */
function useShownCalls(page: readonly Call[] | undefined, fresh: readonly Call[], isPaused: boolean) {
  const [admitted, setAdmitted] = useState<readonly Call[]>([])
  useEffect(() => {
    if (!isPaused) setAdmitted(fresh)
  }, [fresh, isPaused])
  const known = new Set([...(page ?? []), ...admitted].map(getRowId))
  return {
    calls: mergeCalls(admitted, page ?? []),
    waiting: fresh.filter((call) => !known.has(getRowId(call))).length,
    show: () => setAdmitted(fresh),
  }
}
