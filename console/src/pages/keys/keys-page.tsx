import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { listKeysQuery, revokeKey } from '../../api/keys.ts'
import type { Key } from '../../api/keys.ts'
import { membersQuery, workspacesQuery } from '../../api/organization.ts'
import type { Member, Workspace } from '../../api/organization.ts'
import { useMay } from '../../api/session.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { formatTime } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { showToast } from '../../parts/toast.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { CreateKey } from './create-key.tsx'

const pageSize = 100

export function KeysPage() {
  const [search, change] = usePageSearch()
  const status = search['revoked'] === 'on' ? undefined : 'active'
  const query = useQuery(listKeysQuery({ limit: pageSize, status, after: search['after'] }))
  const mayCreate = useMay('member')
  const [isCreating, setCreating] = useState(false)
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/keys']} lead={keyTexts.lead}>
        <label className="row">
          <input
            type="checkbox"
            checked={status === undefined}
            onChange={({ target }) =>
              change({ revoked: target.checked ? 'on' : undefined, after: undefined })
            }
          />
          {keyTexts.showRevoked}
        </label>
        {mayCreate && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            {keyTexts.create}
          </button>
        )}
      </PageHead>
      <QueryState query={query}>
        {({ data, next }) => (
          <>
            {data.length === 0 ? <Empty title={keyTexts.empty} /> : <KeyTable keys={data} />}
            {next !== null && (
              <button
                type="button"
                className="button"
                onClick={() => change({ after: next }, { push: true })}
              >
                {shellTexts.nextPage}
              </button>
            )}
          </>
        )}
      </QueryState>
      {isCreating && <CreateKey onClose={() => setCreating(false)} />}
    </div>
  )
}

function KeyTable({ keys }: { readonly keys: readonly Key[] }) {
  const queries = useQueryClient()
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const mayListMembers = useMay('billing', 'viewer')
  const members = useQuery({ ...membersQuery, enabled: mayListMembers }).data?.data ?? []
  const [revoking, setRevoking] = useState<Key | null>(null)
  const columns = createColumns({ workspaces, members, revoke: setRevoking })
  return (
    <>
      <DataTable caption={keyTexts.caption} columns={columns} rows={keys} getId={({ id }) => id} />
      {revoking !== null && (
        <Confirm
          isOpen
          title={keyTexts.revokeTitle}
          text={keyTexts.revokeText(revoking.name)}
          word={revoking.name}
          action={keyTexts.revoke}
          onClose={() => setRevoking(null)}
          onConfirm={async () => {
            await revokeKey(revoking.id)
            showToast(keyTexts.revoked(revoking.name))
            await queries.invalidateQueries({ queryKey: ['keys'] })
          }}
        />
      )}
    </>
  )
}

interface ColumnParts {
  readonly workspaces: readonly Workspace[]
  readonly members: readonly Member[]
  readonly revoke: (key: Key) => void
}

function createColumns({ workspaces, members, revoke }: ColumnParts): readonly Column<Key>[] {
  const titles = keyTexts.columns
  return [
    { title: titles.name, isHeading: true, cell: ({ name }) => name },
    {
      title: titles.status,
      cell: ({ status }) => <Badge tone={status === 'active' ? 'good' : 'warn'}>{status}</Badge>,
    },
    { title: titles.hint, cell: ({ hint }) => <code className="nowrap">{hint ?? shellTexts.none}</code> },
    {
      title: titles.workspace,
      cell: ({ workspace_id: id }) => workspaces.find((one) => one.id === id)?.name ?? id,
    },
    {
      title: titles.member,
      cell: ({ member_id: id }) => members.find((one) => one.id === id)?.name ?? id ?? shellTexts.none,
    },
    { title: titles.models, cell: ({ models }) => models?.join(', ') ?? keyTexts.allModels },
    {
      title: titles.created,
      cell: ({ created_at: time }) => <span className="nowrap">{formatTime(time)}</span>,
    },
    {
      title: titles.actions,
      cell: (key) => (
        <span className="row nowrap">
          <Link
            to="/calls"
            search={{ key: key.id }}
            className="button small"
            aria-label={keyTexts.callsLabel(key.name)}
          >
            {keyTexts.calls}
          </Link>
          {key.status === 'active' && (
            <button
              type="button"
              className="button small danger"
              aria-label={keyTexts.revokeLabel(key.name)}
              onClick={() => revoke(key)}
            >
              {keyTexts.revoke}
            </button>
          )}
        </span>
      ),
    },
  ]
}
