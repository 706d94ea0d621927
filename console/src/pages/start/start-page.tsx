import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { recentCallsQuery } from '../../api/calls.ts'
import type { Call } from '../../api/calls.ts'
import { serverQuery } from '../../api/server.ts'
import type { Server } from '../../api/server.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { formatRecentTime, formatUsd } from '../../parts/format.ts'
import { Clipped } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { callTexts } from '../../texts/calls.ts'
import { shellTexts } from '../../texts/shell.ts'
import { startTexts } from '../../texts/start.ts'
import { OutcomeBadge } from '../calls/outcome-badge.tsx'
import { ClientGuides } from './client-guides.tsx'
import { FirstCallSnippets } from './first-call.tsx'
import { SnippetKeyProvider } from './snippet-key.tsx'

const recentCalls = 8

export function StartPage() {
  const server = useQuery(serverQuery)
  return (
    <SnippetKeyProvider>
      <div className="page">
        <PageHead title={shellTexts.pages['/']} lead={startTexts.lead} />
        <section className="card server-facts">
          <QueryState query={server}>{(data) => <ServerFacts server={data} />}</QueryState>
        </section>
        <div className="columns wide with-table">
          <section className="card">
            <h2>{startTexts.firstCall}</h2>
            <FirstCallSnippets />
          </section>
          <RecentCalls />
        </div>
        <ClientGuides />
      </div>
    </SnippetKeyProvider>
  )
}

function ServerFacts({ server }: { readonly server: Server }) {
  const names = server.upstreams.map(({ name }) => name).join(', ')
  return (
    <Facts
      facts={[
        [
          startTexts.endpoint,
          <span className="row" key="endpoint">
            <code>{location.origin}</code>
            <CopyButton text={location.origin} label={startTexts.endpoint} />
          </span>,
        ],
        [startTexts.answers, server.emulated ? startTexts.emulated : startTexts.live(names)],
        [startTexts.version, server.version],
      ]}
    />
  )
}

function RecentCalls() {
  const query = useQuery(recentCallsQuery(recentCalls))
  return (
    <section className="card">
      <div className="card-head">
        <h2>{startTexts.recent}</h2>
        <Link to="/calls" className="button small">
          {startTexts.allCalls}
        </Link>
      </div>
      <QueryState query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="muted">{startTexts.noCalls}</p>
          ) : (
            <DataTable
              caption={startTexts.recent}
              rows={data.slice(0, recentCalls)}
              getId={({ id, attempt }) => `${id}${attempt ?? ''}`}
              columns={[
                {
                  title: callTexts.columns.time,
                  isHeading: true,
                  cell: (call: Call) => (
                    <Link to="/calls" search={{ open: call.id }} className="row-link nowrap">
                      {formatRecentTime(call.started_at)}
                    </Link>
                  ),
                },
                {
                  title: callTexts.columns.model,
                  cell: ({ model }) => <Clipped text={model} />,
                },
                {
                  title: callTexts.columns.outcome,
                  cell: ({ outcome }) => <OutcomeBadge outcome={outcome} />,
                },
                {
                  title: callTexts.columns.cost,
                  isNumber: true,
                  cell: ({ cost_usd: cost }) => formatUsd(cost),
                },
              ]}
            />
          )
        }
      </QueryState>
    </section>
  )
}
