import { useQuery } from '@tanstack/react-query'

import { sessionsQuery } from '../../api/sessions.ts'
import type { ClientSession } from '../../api/sessions.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatRecentTime, formatUsd } from '../../parts/format.ts'
import { Clipped, Names } from '../../parts/name.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { RetentionNote } from '../../parts/retention-note.tsx'
import { TimeFilter } from '../../parts/time-filter.tsx'
import { shellTexts } from '../../texts/shell.ts'
import { sessionTexts as texts } from '../../texts/usage.ts'
import { NoSessions } from './no-sessions.tsx'
import { SessionDetail } from './session-detail.tsx'

const pageSize = 100

export function SessionsPage() {
  const [search, change] = usePageSearch()
  const { open, until, after } = search
  const query = useQuery(sessionsQuery({ until, after, limit: pageSize }))
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/sessions']} lead={texts.lead} />
      <div className="filters">
        <TimeFilter
          label={texts.until}
          value={until}
          onChange={(value) => change({ until: value === '' ? undefined : value, after: undefined })}
        />
      </div>
      <RetentionNote of="calls" since={undefined} />
      <QueryState query={query}>
        {({ data, next }) =>
          data.length === 0 ? (
            until === undefined && after === undefined ? (
              <NoSessions />
            ) : (
              <Empty title={texts.emptyUntil} />
            )
          ) : (
            <>
              <SessionTable
                sessions={data}
                openId={open}
                onOpen={({ id }) => change({ open: id }, { push: true })}
              />
              <NextPage next={next} text={shellTexts.older} />
            </>
          )
        }
      </QueryState>
      {open !== undefined && (
        <SessionDetail id={open} until={until} onClose={() => change({ open: undefined })} />
      )}
    </div>
  )
}

interface SessionTableProps {
  readonly sessions: readonly ClientSession[]
  readonly openId: string | undefined
  readonly onOpen: (session: ClientSession) => void
}

function SessionTable({ sessions, openId, onOpen }: SessionTableProps) {
  const { columns } = texts
  return (
    <DataTable
      caption={texts.caption}
      rows={sessions}
      getId={({ id }) => id}
      openId={openId}
      onOpen={onOpen}
      columns={[
        {
          title: columns.last,
          isHeading: true,
          cell: (session) => (
            <button type="button" className="row-link nowrap" onClick={() => onOpen(session)}>
              {formatRecentTime(session.last_at)}
            </button>
          ),
        },
        {
          title: columns.session,
          cell: ({ id }) => (
            <code>
              <Clipped text={id} />
            </code>
          ),
        },
        { title: columns.models, cell: ({ models }) => <Names texts={models} /> },
        { title: columns.calls, isNumber: true, cell: ({ calls }) => formatCount(calls) },
        { title: columns.agents, isNumber: true, cell: ({ agents }) => formatCount(agents) },
        { title: columns.failed, isNumber: true, cell: ({ failed }) => formatCount(failed) },
        { title: columns.cacheRead, isNumber: true, cell: (one) => formatCount(one.cache_read_tokens) },
        { title: columns.output, isNumber: true, cell: (one) => formatCount(one.output_tokens) },
        { title: columns.cost, isNumber: true, cell: (one) => formatUsd(one.cost_usd) },
      ]}
    />
  )
}
