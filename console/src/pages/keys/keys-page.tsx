import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { listKeysQuery, revokeKey } from '../../api/keys.ts'
import type { Key, ListedKey } from '../../api/keys.ts'
import { membersQuery, workspacesQuery } from '../../api/organization.ts'
import type { Member, Workspace } from '../../api/organization.ts'
import { useMay } from '../../api/session.ts'
import { usageQuery } from '../../api/usage.ts'
import type { Usage } from '../../api/usage.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { formatRecentTime, formatTime, formatUsd } from '../../parts/format.ts'
import { Clipped, Name, Names } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { showToast } from '../../parts/toast.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { CreateKey } from './create-key.tsx'
import { EditKey } from './edit-key.tsx'
import { KeyLimits } from './key-limits.tsx'
import { RotateKey } from './rotate-key.tsx'

const pageSize = 100

export function KeysPage() {
  const [search, change] = usePageSearch()
  const status = search['revoked'] === 'on' ? undefined : 'active'
  const query = useQuery(listKeysQuery({ limit: pageSize, status, after: search['after'] }))
  const { open } = search
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
            <NextPage next={next} />
            {open !== undefined && (
              <KeyLimits
                id={open}
                name={data.find(({ id }) => id === open)?.name}
                onClose={() => change({ open: undefined })}
              />
            )}
          </>
        )}
      </QueryState>
      {isCreating && <CreateKey onClose={() => setCreating(false)} />}
    </div>
  )
}

function KeyTable({ keys }: { readonly keys: readonly ListedKey[] }) {
  const queries = useQueryClient()
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const mayListMembers = useMay('billing', 'viewer')
  const members = useQuery({ ...membersQuery, enabled: mayListMembers }).data?.data ?? []
  const [revoking, setRevoking] = useState<Key | null>(null)
  const [editing, setEditing] = useState<Key | null>(null)
  const [rotating, setRotating] = useState<Key | null>(null)
  const usage = useQuery(usageQuery(useLastDays())).data
  const columns = createColumns({
    workspaces,
    members,
    usage,
    actions: {
      edit: useMay() ? setEditing : null,
      rotate: useMay('member') ? setRotating : null,
      revoke: useMay('member') ? setRevoking : null,
    },
  })
  return (
    <>
      <DataTable caption={keyTexts.caption} columns={columns} rows={keys} getId={({ id }) => id} />
      {editing !== null && <EditKey edited={editing} onClose={() => setEditing(null)} />}
      {rotating !== null && <RotateKey rotated={rotating} onClose={() => setRotating(null)} />}
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

/** The report of the last 30 days by key. It begins with an hour, so that it can be cached. */
function useLastDays() {
  const [since] = useState(() => new Date((Math.floor(Date.now() / hourMs) - 30 * 24) * hourMs).toISOString())
  return { since, by: ['key'], top: 500 }
}

const hourMs = 3_600_000

interface ColumnParts {
  readonly workspaces: readonly Workspace[]
  readonly members: readonly Member[]
  readonly usage: Usage | undefined
  readonly actions: KeyActions
}

/** What the role may do with a live key; null: not allowed. */
interface KeyActions {
  readonly edit: ((key: Key) => void) | null
  readonly rotate: ((key: Key) => void) | null
  readonly revoke: ((key: Key) => void) | null
}

function createColumns({ workspaces, members, usage, actions }: ColumnParts): readonly Column<ListedKey>[] {
  const titles = keyTexts.columns
  return [
    { title: titles.name, isHeading: true, cell: ({ name }) => <Name text={name} /> },
    {
      title: titles.status,
      cell: ({ status, previous_valid_until: until }) => (
        <span className="stack">
          <Badge tone={status === 'active' ? 'good' : 'warn'}>{status}</Badge>
          {until !== null && Date.parse(until) > Date.now() && (
            <span className="small muted nowrap">{keyTexts.previousUntil(formatTime(until))}</span>
          )}
        </span>
      ),
    },
    { title: titles.lastUse, cell: ({ last_use: use }) => <LastUse use={use} /> },
    { title: titles.use, isNumber: true, cell: ({ id }) => printUse(id, usage) },
    {
      title: titles.workspace,
      cell: ({ workspace_id: id }) => <Clipped text={workspaces.find((one) => one.id === id)?.name ?? id} />,
    },
    { title: titles.hint, cell: ({ hint }) => <code className="nowrap">{hint ?? shellTexts.none}</code> },
    {
      title: titles.member,
      cell: ({ member_id: id }) =>
        id === null ? shellTexts.none : <Clipped text={members.find((one) => one.id === id)?.name ?? id} />,
    },
    {
      title: titles.models,
      cell: ({ models }) => (models === null ? keyTexts.allModels : <Names texts={models} />),
    },
    {
      title: titles.created,
      cell: ({ created_at: time }) => <span className="nowrap">{formatRecentTime(time)}</span>,
    },
    {
      title: titles.expires,
      cell: ({ expires_at: time }) => <span className="nowrap">{formatTime(time)}</span>,
    },
    { title: titles.actions, isActions: true, cell: (key) => <KeyButtons of={key} actions={actions} /> },
  ]
}

/** The time of the last call, or its hour. */
function LastUse({ use }: { readonly use: ListedKey['last_use'] }) {
  if (use === null) return <span className="muted">{keyTexts.never}</span>
  const time = formatRecentTime(use.at)
  return <span className="nowrap">{use.within_hour ? keyTexts.withinHour(time) : time}</span>
}

/** The cost of the calls of a key; undefined: not known yet, or not to this role. */
function printUse(id: string, usage: Usage | undefined): string {
  if (usage === undefined) return shellTexts.none
  const row = usage.data.find(({ group }) => group[0] === id)
  if (row !== undefined) return formatUsd(row.cost_usd)
  // The cheapest of very many keys are one row.
  const isWhole = usage.data.every(({ others }) => others[0] === 0)
  return isWhole ? keyTexts.unused : shellTexts.none
}

function KeyButtons({ of: key, actions }: { readonly of: Key; readonly actions: KeyActions }) {
  const [search] = usePageSearch()
  const isLive = key.status !== 'revoked'
  return (
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
        <Link
          to="/keys"
          search={{ ...search, open: key.id }}
          resetScroll={false}
          className="button small"
          aria-label={keyTexts.limitsLabel(key.name)}
        >
          {keyTexts.limits}
        </Link>
      )}
      {(['edit', 'rotate', 'revoke'] as const).map((name) => {
        const act = actions[name]
        return (
          isLive &&
          act !== null && (
            <button
              key={name}
              type="button"
              className={name === 'revoke' ? 'button small danger' : 'button small'}
              aria-label={keyTexts[`${name}Label`](key.name)}
              onClick={() => act(key)}
            >
              {keyTexts[name]}
            </button>
          )
        )
      })}
    </span>
  )
}
