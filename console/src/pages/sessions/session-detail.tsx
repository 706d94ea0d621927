import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'

import { sessionCallsQuery } from '../../api/sessions.ts'
import type { Call } from '../../api/calls.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatUsd } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Clipped, Names } from '../../parts/name.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { sessionTexts as texts } from '../../texts/usage.ts'
import { CallTable } from '../calls/call-table.tsx'
import { listAgents } from './agent-tree.ts'

interface SessionDetailProps {
  readonly id: string
  /** The search for its calls begins here; undefined: at the latest. */
  readonly until: string | undefined
  readonly onClose: () => void
}

/** The agents of a session as a tree with cost, and its calls. */
export function SessionDetail({ id, until, onClose }: SessionDetailProps) {
  const query = useQuery(sessionCallsQuery(id, until))
  const navigate = useNavigate()
  return (
    <Modal title={texts.title} isOpen shape="drawer" onClose={onClose}>
      <div className="row">
        <code>
          <Clipped text={id} />
        </code>
        <CopyButton text={id} label={texts.copy} />
        <Link to="/cache" search={{ session: id }} className="button small">
          {texts.cacheDoctor}
        </Link>
      </div>
      <QueryState query={query}>
        {({ data, complete }) => (
          <>
            <AgentTable calls={data} />
            <section className="stack">
              <h3>{texts.calls}</h3>
              {!complete && <p className="notice">{texts.cut}</p>}
              <CallTable
                calls={data}
                onOpen={(call) =>
                  void navigate({ to: '/calls', search: { session: id, open: call.id, live: 'off' } })
                }
              />
            </section>
          </>
        )}
      </QueryState>
    </Modal>
  )
}

function AgentTable({ calls }: { readonly calls: readonly Call[] }) {
  const { agentColumns: columns } = texts
  return (
    <section className="stack">
      <h3>{texts.tree}</h3>
      <DataTable
        caption={texts.treeCaption}
        rows={listAgents(calls)}
        getId={({ id }) => id ?? ''}
        columns={[
          {
            title: columns.agent,
            isHeading: true,
            cell: ({ id, depth }) => (
              <span className={`indent-${Math.min(depth, 6)}`}>
                {depth > 0 && '└ '}
                <bdi>{id ?? texts.mainAgent}</bdi>
              </span>
            ),
          },
          { title: columns.models, cell: ({ models }) => <Names texts={models} /> },
          { title: columns.calls, isNumber: true, cell: (agent) => formatCount(agent.calls) },
          { title: columns.own, isNumber: true, cell: ({ ownUsd }) => formatUsd(ownUsd) },
          { title: columns.whole, isNumber: true, cell: ({ wholeUsd }) => formatUsd(wholeUsd) },
        ]}
      />
    </section>
  )
}
