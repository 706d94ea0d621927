import { useQuery } from '@tanstack/react-query'

import { sessionsQuery } from '../../api/sessions.ts'
import type { ClientSession } from '../../api/sessions.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatRecentTime, formatUsd } from '../../parts/format.ts'
import { Clipped, Names } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { cacheTexts as texts } from '../../texts/cache.ts'
import { shellTexts } from '../../texts/shell.ts'
import { sessionTexts } from '../../texts/usage.ts'
import { NoSessions } from '../sessions/no-sessions.tsx'
import { CacheReport } from './cache-report.tsx'

/** Explains the prompt cache of a session; without one in the address it lists the sessions. */
export function CachePage() {
  const [search, change] = usePageSearch()
  const { session } = search
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/cache']} lead={texts.lead}>
        {session !== undefined && (
          <button
            type="button"
            className="button"
            onClick={() => change({ session: undefined }, { push: true })}
          >
            {texts.other}
          </button>
        )}
      </PageHead>
      {session === undefined ? (
        <Sessions onOpen={({ id }) => change({ session: id }, { push: true })} />
      ) : (
        <CacheReport session={session} />
      )}
    </div>
  )
}

function Sessions({ onOpen }: { readonly onOpen: (session: ClientSession) => void }) {
  const query = useQuery(sessionsQuery({}))
  const { columns } = sessionTexts
  return (
    <QueryState query={query}>
      {({ data }) =>
        data.length === 0 ? (
          <NoSessions />
        ) : (
          <DataTable
            caption={texts.choose}
            rows={data}
            getId={({ id }) => id}
            onOpen={onOpen}
            columns={[
              {
                title: columns.last,
                isHeading: true,
                cell: (one) => (
                  <button type="button" className="row-link nowrap" onClick={() => onOpen(one)}>
                    {formatRecentTime(one.last_at)}
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
              { title: columns.cacheRead, isNumber: true, cell: (one) => formatCount(one.cache_read_tokens) },
              { title: columns.cost, isNumber: true, cell: (one) => formatUsd(one.cost_usd) },
            ]}
          />
        )
      }
    </QueryState>
  )
}
