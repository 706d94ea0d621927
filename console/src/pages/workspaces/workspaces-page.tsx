import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { archiveWorkspace, createWorkspace, listWorkspacesQuery } from '../../api/organization.ts'
import type { Workspace } from '../../api/organization.ts'
import { useMay } from '../../api/session.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { useCreating } from '../../app/use-creating.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatDay } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { useRecentCost } from '../../parts/recent-cost.ts'
import { workspaceTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'

export function WorkspacesPage() {
  const [search] = usePageSearch()
  const query = useQuery(listWorkspacesQuery(search['after']))
  const mayChange = useMay()
  const [isCreating, setCreating] = useCreating()
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/workspaces']} lead={texts.lead}>
        {mayChange && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            {texts.create}
          </button>
        )}
      </PageHead>
      <QueryState query={query}>
        {({ data, next }) => (
          <>
            {data.length === 0 ? (
              <Empty title={mayChange ? texts.empty : texts.emptyToReaders} />
            ) : (
              <WorkspaceTable workspaces={data} mayChange={mayChange} />
            )}
            <NextPage next={next} />
          </>
        )}
      </QueryState>
      {isCreating && mayChange && <CreateWorkspace onClose={() => setCreating(false)} />}
    </div>
  )
}

function CreateWorkspace({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  return (
    <FormDialog
      title={texts.create}
      action={texts.create}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await createWorkspace(name)
        await queries.invalidateQueries({ queryKey: ['workspaces'] })
      }}
    >
      <TextField label={texts.name} member="name" value={name} onChange={setName} isRequired />
    </FormDialog>
  )
}

interface WorkspaceTableProps {
  readonly workspaces: readonly Workspace[]
  readonly mayChange: boolean
}

function WorkspaceTable({ workspaces, mayChange }: WorkspaceTableProps) {
  const queries = useQueryClient()
  const printCost = useRecentCost('workspace')
  const [archiving, setArchiving] = useState<Workspace | null>(null)
  return (
    <>
      <DataTable
        caption={texts.caption}
        rows={workspaces}
        getId={({ id }) => id}
        columns={[
          { title: texts.columns.name, isHeading: true, cell: ({ name }) => <Name text={name} /> },
          { title: texts.columns.cost, isNumber: true, cell: ({ id }) => printCost(id) },
          { title: texts.columns.id, cell: ({ id }) => <code>{id}</code> },
          {
            title: texts.columns.created,
            cell: ({ created_at: time }) => <span className="nowrap">{formatDay(time)}</span>,
          },
          {
            title: texts.columns.actions,
            isActions: true,
            cell: (workspace) => (
              <WorkspaceButtons
                workspace={workspace}
                onArchive={mayChange && workspace.id !== 'default' ? setArchiving : null}
              />
            ),
          },
        ]}
      />
      {archiving !== null && (
        <Confirm
          isOpen
          title={texts.archiveTitle}
          text={texts.archiveText(archiving.name)}
          word={archiving.name}
          action={texts.archive}
          onClose={() => setArchiving(null)}
          onConfirm={async () => {
            await archiveWorkspace(archiving.id)
            await queries.invalidateQueries()
          }}
        />
      )}
    </>
  )
}

interface WorkspaceButtonsProps {
  readonly workspace: Workspace
  /** Null: not allowed. */
  readonly onArchive: ((workspace: Workspace) => void) | null
}

function WorkspaceButtons({ workspace, onArchive }: WorkspaceButtonsProps) {
  const mayInvoice = useMay('billing', 'viewer')
  return (
    <span className="row nowrap">
      <Link
        to="/usage"
        search={{ workspace: workspace.id }}
        className="button small"
        aria-label={texts.usageLabel(workspace.name)}
      >
        {texts.usage}
      </Link>
      {mayInvoice && (
        <Link
          to="/invoices"
          search={{ workspace: workspace.id }}
          className="button small"
          aria-label={texts.invoiceLabel(workspace.name)}
        >
          {texts.invoice}
        </Link>
      )}
      {onArchive !== null && (
        <button
          type="button"
          className="button small danger"
          aria-label={texts.archiveLabel(workspace.name)}
          onClick={() => onArchive(workspace)}
        >
          {texts.archive}
        </button>
      )}
    </span>
  )
}
