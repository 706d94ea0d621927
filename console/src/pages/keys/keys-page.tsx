import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { listKeysQuery, revokeKey } from '../../api/keys.ts'
import type { Key, ListedKey } from '../../api/keys.ts'
import { membersQuery, workspacesQuery } from '../../api/organization.ts'
import type { Member, Workspace } from '../../api/organization.ts'
import { useMay, useMayCreateKeys } from '../../api/session.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { useCreating } from '../../app/use-creating.ts'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { formatDay, formatRecentTime } from '../../parts/format.ts'
import { Clipped, Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { useRecentCost } from '../../parts/recent-cost.ts'
import { Stacked } from '../../parts/stacked.tsx'
import { showToast } from '../../parts/toast.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { CreateKey } from './create-key.tsx'
import { EditKey } from './edit-key.tsx'
import { KeyDetail } from './key-detail.tsx'
import { RotateKey } from './rotate-key.tsx'

const pageSize = 100

export function KeysPage() {
  const [search, change] = usePageSearch()
  const status = search['revoked'] === 'on' ? undefined : 'active'
  const query = useQuery(listKeysQuery({ limit: pageSize, status, after: search['after'] }))
  const { open } = search
  const mayCreate = useMayCreateKeys()
  const [isCreating, setCreating] = useCreating()
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
            {data.length === 0 ? (
              <Empty title={mayCreate ? keyTexts.empty : keyTexts.emptyToReaders} />
            ) : (
              <KeyTable keys={data} />
            )}
            <NextPage next={next} />
            {open !== undefined && (
              <KeyDetail
                id={open}
                listed={data.find(({ id }) => id === open)}
                onClose={() => change({ open: undefined })}
              />
            )}
          </>
        )}
      </QueryState>
      {isCreating && mayCreate && <CreateKey onClose={() => setCreating(false)} />}
    </div>
  )
}

function KeyTable({ keys }: { readonly keys: readonly ListedKey[] }) {
  const queries = useQueryClient()
  const [search, change] = usePageSearch()
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const mayListMembers = useMay('billing', 'viewer')
  const members = useQuery({ ...membersQuery, enabled: mayListMembers }).data?.data ?? []
  // A member sees the own keys only.
  const owners = mayListMembers ? members : null
  const [revoking, setRevoking] = useState<Key | null>(null)
  const [editing, setEditing] = useState<Key | null>(null)
  const [rotating, setRotating] = useState<Key | null>(null)
  const printCost = useRecentCost('key')
  const columns = createColumns({
    workspaces,
    members: owners,
    printCost,
    actions: {
      edit: useMay() ? setEditing : null,
      rotate: useMay('member') ? setRotating : null,
      revoke: useMay('member') ? setRevoking : null,
    },
  })
  return (
    <>
      <DataTable
        caption={keyTexts.caption}
        columns={columns}
        rows={keys}
        getId={({ id }) => id}
        openId={search['open']}
        onOpen={({ id }) => change({ open: id }, { push: true })}
      />
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

interface ColumnParts {
  readonly workspaces: readonly Workspace[]
  /** Null: the table does not name the members. */
  readonly members: readonly Member[] | null
  readonly printCost: (id: string) => string
  readonly actions: KeyActions
}

/** What the role may do with a live key; null: not allowed. */
interface KeyActions {
  readonly edit: ((key: Key) => void) | null
  readonly rotate: ((key: Key) => void) | null
  readonly revoke: ((key: Key) => void) | null
}

function createColumns({
  workspaces,
  members,
  printCost,
  actions,
}: ColumnParts): readonly Column<ListedKey>[] {
  const titles = keyTexts.columns
  return [
    { title: titles.name, isHeading: true, cell: (key) => <KeyName of={key} /> },
    {
      title: titles.status,
      cell: ({ status, previous_valid_until: until }) => (
        <Stacked
          below={
            until !== null &&
            Date.parse(until) > Date.now() &&
            keyTexts.previousUntil(formatRecentTime(until))
          }
        >
          <Badge tone={status === 'active' ? 'good' : 'warn'}>{status}</Badge>
        </Stacked>
      ),
    },
    { title: titles.lastUse, cell: (key) => <LastUse of={key} /> },
    { title: titles.use, isNumber: true, cell: ({ id }) => printCost(id) },
    {
      title: titles.owner,
      cell: ({ workspace_id: workspace, member_id: member }) => (
        <Stacked below={members !== null && member !== null && <Clipped text={findName(members, member)} />}>
          <Clipped text={findName(workspaces, workspace)} />
        </Stacked>
      ),
    },
    {
      title: titles.hint,
      cell: ({ hint, expires_at: time }) => (
        <Stacked below={time !== null && keyTexts.validUntil(formatDay(time))}>
          <code className="nowrap">{hint?.replace(keyPrefix, '') ?? shellTexts.none}</code>
        </Stacked>
      ),
    },
    { title: titles.models, cell: ({ models }) => <KeyModels models={models} /> },
    ...(Object.values(actions).some((act) => act !== null)
      ? [
          {
            title: titles.actions,
            isActions: true,
            cell: (key: ListedKey) => <KeyButtons of={key} actions={actions} />,
          },
        ]
      : []),
  ]
}

/** The beginning of every key of this gateway. */
const keyPrefix = /^sk-anthology-/

/** The name of one model, or the number of several; the key's facts have all names. */
function KeyModels({ models }: { readonly models: readonly string[] | null }) {
  if (models === null) return keyTexts.allModels
  const [only] = models
  if (models.length === 1 && only !== undefined) return <Clipped text={only} />
  return <span className="nowrap">{keyTexts.countModels(models.length)}</span>
}

function findName(owners: readonly { readonly id: string; readonly name: string }[], id: string): string {
  return owners.find((one) => one.id === id)?.name ?? id
}

/** The name opens the facts and limits of a key that works. */
function KeyName({ of: { id, name, status } }: { readonly of: ListedKey }) {
  const [search] = usePageSearch()
  if (status !== 'active') return <Name text={name} />
  return (
    <Link to="/keys" search={{ ...search, open: id }} resetScroll={false} className="row-link">
      <Name text={name} />
    </Link>
  )
}

/** The time of the last call, or its hour. It leads to the calls of the key. */
function LastUse({ of: { id, name, last_use: use } }: { readonly of: ListedKey }) {
  if (use === null) return <span className="muted">{keyTexts.never}</span>
  const time = formatRecentTime(use.at)
  const text = use.within_hour ? keyTexts.withinHour(time) : time
  return (
    <Link
      to="/calls"
      search={{ key: id }}
      className="row-link nowrap"
      aria-label={keyTexts.callsLabel(name, text)}
    >
      {text}
    </Link>
  )
}

function KeyButtons({ of: key, actions }: { readonly of: Key; readonly actions: KeyActions }) {
  if (key.status === 'revoked') return null
  return (
    <span className="row nowrap">
      {(['edit', 'rotate', 'revoke'] as const).map((name) => {
        const act = actions[name]
        return (
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
