import { useQuery } from '@tanstack/react-query'

import { auditQuery } from '../../api/organization.ts'
import type { AuditEntry } from '../../api/organization.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Code } from '../../parts/code.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { FilterField } from '../../parts/field.tsx'
import { formatTime } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { auditTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'

const pageSize = 100

export function AuditPage() {
  const [search, change] = usePageSearch()
  const { actor, target, action, after } = search
  const query = useQuery(auditQuery({ actor, target, action, after, limit: pageSize }))
  const open = query.data?.data.find(({ id }) => id === search['open'])
  const isFiltered = (actor ?? target ?? action) !== undefined
  const filter = (name: 'actor' | 'target' | 'action', label: string, isFirst = false) => (
    <FilterField
      label={label}
      value={search[name] ?? ''}
      isFirstFilter={isFirst}
      onChange={(value) => change({ [name]: value, after: undefined })}
    />
  )
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/audit']} lead={texts.lead} />
      <div className="filters">
        {filter('actor', texts.actor, true)}
        {filter('action', texts.action)}
        {filter('target', texts.target)}
      </div>
      <QueryState query={query}>
        {({ data, next }) => (
          <>
            {data.length === 0 ? (
              <Empty title={isFiltered ? texts.emptyFiltered : texts.empty}>
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
          title={`${texts.title}: ${open.action}`}
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

interface AuditTableProps {
  readonly entries: readonly AuditEntry[]
  readonly openId: string | undefined
  readonly onOpen: (entry: AuditEntry) => void
}

function AuditTable({ entries, openId, onOpen }: AuditTableProps) {
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
        { title: texts.columns.actor, cell: ({ actor, role }) => <Name text={`${actor} (${role})`} /> },
        { title: texts.columns.action, cell: ({ action }) => action },
        { title: texts.columns.target, cell: ({ target }) => <Name text={`${target.kind} ${target.id}`} /> },
        {
          title: texts.columns.change,
          cell: (entry) => (
            <button
              type="button"
              className="button small"
              aria-label={texts.showLabel(entry.action)}
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
