import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { resetAlias } from '../../api/routing.ts'
import type { Alias, AliasTarget } from '../../api/routing.ts'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { showToast } from '../../parts/toast.tsx'
import { aliasTexts as texts } from '../../texts/routing.ts'
import { EditAlias } from './edit-alias.tsx'
import { SourceCell } from './source-cell.tsx'

/** The aliases with their shares. */
export function AliasList({ aliases }: { readonly aliases: readonly Alias[] }) {
  const mayChange = useMay()
  /** Null: no form is open; `new`: that of a new alias. */
  const [editing, setEditing] = useState<Alias | 'new' | null>(null)
  const [resetting, setResetting] = useState<Alias | null>(null)
  return (
    <section className="card">
      <div className="card-head">
        <h2>{texts.title}</h2>
        {mayChange && (
          <button type="button" className="button small" onClick={() => setEditing('new')}>
            {texts.create}
          </button>
        )}
      </div>
      <p className="small muted">{texts.lead}</p>
      {aliases.length === 0 ? (
        <Empty title={texts.empty} />
      ) : (
        <DataTable
          caption={texts.caption}
          rows={aliases}
          getId={({ name }) => name}
          columns={createColumns(mayChange ? { onEdit: setEditing, onReset: setResetting } : null)}
        />
      )}
      {editing !== null && (
        <EditAlias alias={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
      {resetting !== null && <ResetAlias alias={resetting} onClose={() => setResetting(null)} />}
    </section>
  )
}

interface AliasActions {
  readonly onEdit: (alias: Alias) => void
  readonly onReset: (alias: Alias) => void
}

/** `actions` is null for a role that may not change aliases. */
function createColumns(actions: AliasActions | null): readonly Column<Alias>[] {
  const { columns } = texts
  const facts: readonly Column<Alias>[] = [
    { title: columns.name, isHeading: true, cell: ({ name }) => <code className="name">{name}</code> },
    { title: columns.to, cell: ({ to }) => <code className="name">{to}</code> },
    { title: columns.share, isNumber: true, cell: ({ share }) => share },
    { title: columns.from, cell: ({ from }) => from ?? texts.always },
    {
      title: columns.source,
      cell: ({ source, changed_at: changedAt, config, problem }) => (
        <SourceCell
          source={source}
          changedAt={changedAt}
          configured={config === null ? texts.notInFile : printTarget(config)}
          problem={problem}
        />
      ),
    },
  ]
  if (actions === null) return facts
  return [
    ...facts,
    { title: columns.actions, isActions: true, cell: (alias) => <AliasButtons alias={alias} {...actions} /> },
  ]
}

function AliasButtons({ alias, onEdit, onReset }: AliasActions & { readonly alias: Alias }) {
  return (
    <span className="row nowrap">
      <button
        type="button"
        className="button small"
        aria-label={texts.editLabel(alias.name)}
        onClick={() => onEdit(alias)}
      >
        {texts.edit}
      </button>
      {alias.source === 'api' && (
        <button
          type="button"
          className="button small danger"
          aria-label={texts.resetLabel(alias.name)}
          onClick={() => onReset(alias)}
        >
          {texts.reset}
        </button>
      )}
    </span>
  )
}

function ResetAlias({ alias, onClose }: { readonly alias: Alias; readonly onClose: () => void }) {
  const queries = useQueryClient()
  const { name, config } = alias
  return (
    <FormDialog
      isOpen
      title={texts.resetTitle}
      action={texts.reset}
      onClose={onClose}
      onSubmit={async () => {
        await resetAlias(name)
        await queries.invalidateQueries({ queryKey: ['routing'] })
        showToast(texts.wasReset(name))
      }}
    >
      <p>{config === null ? texts.removeText(name) : texts.resetText(name, printTarget(config))}</p>
    </FormDialog>
  )
}

function printTarget({ to, share, from }: AliasTarget): string {
  return texts.target(to, share, from)
}
