import { useQuery } from '@tanstack/react-query'

import { auditQuery, membersQuery } from '../../api/organization.ts'
import type { AuditEntry, Member } from '../../api/organization.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Code } from '../../parts/code.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Choice, FilterField } from '../../parts/field.tsx'
import { formatTime } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Stacked } from '../../parts/stacked.tsx'
import { auditTexts as texts } from '../../texts/audit.ts'
import { shellTexts } from '../../texts/shell.ts'

const pageSize = 100

export function AuditPage() {
  const [search, change] = usePageSearch()
  const { actor, target, action, after } = search
  const members = useQuery(membersQuery).data?.data ?? []
  const query = useQuery(auditQuery({ actor, target, action, after, limit: pageSize }))
  const open = query.data?.data.find(({ id }) => id === search['open'])
  const isFiltered = (actor ?? target ?? action) !== undefined
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/audit']} lead={texts.lead} />
      <AuditFilters members={members} />
      <QueryState query={query}>
        {({ data, next }) => (
          <>
            {data.length === 0 ? (
              <Empty title={describeEmpty(isFiltered, action)}>
                {isFiltered && (
                  <button
                    type="button"
                    className="button"
                    onClick={() => change({ actor: undefined, target: undefined, action: undefined })}
                  >
                    {texts.clear}
                  </button>
                )}
              </Empty>
            ) : (
              <AuditTable
                entries={data}
                members={members}
                openId={search['open']}
                onOpen={({ id }) => change({ open: id }, { push: true })}
              />
            )}
            <NextPage next={next} text={shellTexts.older} />
          </>
        )}
      </QueryState>
      {open !== undefined && (
        <Modal
          title={`${texts.title}: ${printAction(open.action)}`}
          isOpen
          shape="drawer"
          onClose={() => change({ open: undefined })}
        >
          <h3>{texts.before}</h3>
          <Code label={texts.before} text={JSON.stringify(open.before, null, 2)} wraps />
          <h3>{texts.after}</h3>
          <Code label={texts.after} text={JSON.stringify(open.after, null, 2)} wraps />
        </Modal>
      )}
    </div>
  )
}

function AuditFilters({ members }: { readonly members: readonly Member[] }) {
  const [{ actor, action, target }, change] = usePageSearch()
  return (
    <div className="filters">
      <Choice
        label={texts.actor}
        value={actor ?? ''}
        options={[['', texts.anybody], ...listActors(members, actor)]}
        onChange={(value) => change({ actor: value, after: undefined })}
      />
      <Choice
        label={texts.action}
        value={action ?? ''}
        options={[['', texts.anyAction], ...listActions(action)]}
        onChange={(value) => change({ action: value, after: undefined })}
      />
      <FilterField
        label={texts.target}
        value={target ?? ''}
        isFirstFilter
        onChange={(value) => change({ target: value, after: undefined })}
      />
    </div>
  )
}

type Option = readonly [value: string, text: string]

/** Those who may have changed something, and the one of the address. */
function listActors(members: readonly Member[], actor: string | undefined): readonly Option[] {
  const known: readonly Option[] = [
    ...Object.entries(texts.actors),
    ...members.map(({ id, name }) => [id, name] as const),
  ]
  return withChosen(known, actor)
}

function listActions(action: string | undefined): readonly Option[] {
  return withChosen(Object.entries(texts.actions), action)
}

/** An archived member, or a name that somebody has typed into the address, is not in the list. */
function withChosen(known: readonly Option[], chosen: string | undefined): readonly Option[] {
  return chosen === undefined || known.some(([value]) => value === chosen)
    ? known
    : [...known, [chosen, chosen]]
}

function describeEmpty(isFiltered: boolean, action: string | undefined): string {
  if (!isFiltered) return texts.empty
  return action === undefined || action in texts.actions ? texts.emptyFiltered : texts.unknownAction(action)
}

/** An action in plain words; one of a later version as it is. */
function printAction(action: string): string {
  return (texts.actions as Readonly<Record<string, string>>)[action] ?? action
}

function printActor(actor: string, members: readonly Member[]): string {
  return listActors(members, actor).find(([value]) => value === actor)?.[1] ?? actor
}

/** The thing that was changed, by the name that it has, or had. */
function findTargetName({ before, after }: AuditEntry): string | null {
  const { name, scope } = (after ?? before ?? {}) as { readonly name?: unknown; readonly scope?: unknown }
  const found = name ?? scope
  return typeof found === 'string' ? found : null
}

interface AuditTableProps {
  readonly entries: readonly AuditEntry[]
  readonly members: readonly Member[]
  readonly openId: string | undefined
  readonly onOpen: (entry: AuditEntry) => void
}

function AuditTable({ entries, members, openId, onOpen }: AuditTableProps) {
  return (
    <DataTable
      caption={texts.caption}
      rows={entries}
      getId={({ id }) => id}
      openId={openId}
      onOpen={onOpen}
      columns={[
        {
          title: texts.columns.time,
          isHeading: true,
          cell: ({ at }) => <span className="nowrap">{formatTime(at)}</span>,
        },
        {
          title: texts.columns.actor,
          cell: ({ actor, role }) => (
            <Stacked below={texts.asRole(role)}>
              <Name text={printActor(actor, members)} />
            </Stacked>
          ),
        },
        { title: texts.columns.action, cell: ({ action }) => printAction(action) },
        {
          title: texts.columns.target,
          cell: (entry) => <Target of={entry} />,
        },
        {
          title: texts.columns.change,
          cell: (entry) => (
            <button
              type="button"
              className="button small"
              aria-label={texts.showLabel(printAction(entry.action))}
              onClick={() => onOpen(entry)}
            >
              {texts.show}
            </button>
          ),
        },
      ]}
    />
  )
}

function Target({ of: entry }: { readonly of: AuditEntry }) {
  const name = findTargetName(entry)
  const { id } = entry.target
  return (
    <Stacked below={name !== null && <code>{id}</code>}>
      <Name text={name ?? id} />
    </Stacked>
  )
}
