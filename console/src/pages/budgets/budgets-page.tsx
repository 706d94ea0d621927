import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { budgetsQuery, budgetWindows, createBudget, deleteBudget } from '../../api/budgets.ts'
import type { Budget, BudgetInput } from '../../api/budgets.ts'
import { useMay } from '../../api/session.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatTime, formatUsd, readNanoUsd } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { ShareBar } from '../../parts/share-bar.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'

export function BudgetsPage() {
  const query = useQuery(budgetsQuery)
  const mayChange = useMay('billing')
  const [isCreating, setCreating] = useState(false)
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/budgets']} lead={texts.lead}>
        {mayChange && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            {texts.create}
          </button>
        )}
      </PageHead>
      <QueryState query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={texts.empty} />
          ) : (
            <BudgetTable budgets={data} mayChange={mayChange} />
          )
        }
      </QueryState>
      {isCreating && <CreateBudget onClose={() => setCreating(false)} />}
    </div>
  )
}

const emptyBudget: BudgetInput = { scope: 'organization', limit: '', window: 'month', action: 'block' }

function CreateBudget({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [form, setForm] = useState(emptyBudget)
  return (
    <FormDialog
      title={texts.create}
      action={texts.create}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await createBudget(form)
        await queries.invalidateQueries({ queryKey: ['budgets'] })
      }}
    >
      <TextField
        label={texts.scope}
        value={form.scope}
        onChange={(scope) => setForm({ ...form, scope })}
        isRequired
      />
      <p className="small muted">{texts.scopeHint}</p>
      <TextField
        label={texts.limit}
        value={form.limit}
        onChange={(limit) => setForm({ ...form, limit })}
        isRequired
      />
      <Choice
        label={texts.window}
        value={form.window}
        onChange={(window) => setForm({ ...form, window })}
        options={budgetWindows.map((window) => [window, texts.windows[window]] as const)}
      />
      <Choice
        label={texts.action}
        value={form.action}
        onChange={(action) => setForm({ ...form, action })}
        options={[
          ['block', texts.actionsOf.block],
          ['warn', texts.actionsOf.warn],
        ]}
      />
    </FormDialog>
  )
}

interface BudgetTableProps {
  readonly budgets: readonly Budget[]
  readonly mayChange: boolean
}

function BudgetTable({ budgets, mayChange }: BudgetTableProps) {
  const queries = useQueryClient()
  const [removing, setRemoving] = useState<Budget | null>(null)
  return (
    <>
      <DataTable
        caption={texts.caption}
        rows={budgets}
        getId={({ id }) => id}
        columns={createColumns(mayChange ? setRemoving : null)}
      />
      {removing !== null && (
        <Confirm
          isOpen
          title={texts.removeTitle}
          text={texts.removeText(removing.scope)}
          word={removing.scope}
          action={texts.remove}
          onClose={() => setRemoving(null)}
          onConfirm={async () => {
            await deleteBudget(removing.id)
            await queries.invalidateQueries({ queryKey: ['budgets'] })
          }}
        />
      )}
    </>
  )
}

function createColumns(remove: ((budget: Budget) => void) | null): readonly Column<Budget>[] {
  const titles = texts.columns
  const money = (title: string, name: 'spent' | 'held' | 'left' | 'limit'): Column<Budget> => ({
    title,
    isNumber: true,
    cell: (budget) => formatUsd(budget[name]),
  })
  return [
    { title: titles.scope, isHeading: true, cell: ({ scope }) => scope },
    { title: titles.window, cell: ({ window }) => texts.windows[window] },
    money(titles.spent, 'spent'),
    money(titles.held, 'held'),
    money(titles.left, 'left'),
    money(titles.limit, 'limit'),
    { title: titles.used, cell: (budget) => <UsedCell budget={budget} /> },
    {
      title: titles.resets,
      cell: ({ resets_at: time }) => <span className="nowrap">{formatTime(time)}</span>,
    },
    { title: titles.action, cell: ({ action }) => texts.actionsOf[action] },
    {
      title: titles.actions,
      cell: (budget) =>
        remove !== null && (
          <button
            type="button"
            className="button small danger"
            aria-label={texts.removeLabel(budget.scope)}
            onClick={() => remove(budget)}
          >
            {texts.remove}
          </button>
        ),
    },
  ]
}

function UsedCell({ budget }: { readonly budget: Budget }) {
  const limit = readNanoUsd(budget.limit)
  const used = readNanoUsd(budget.spent) + readNanoUsd(budget.held)
  const percent = limit === 0n ? 100 : Number((used * 1000n) / limit) / 10
  return (
    <span className="stack">
      <span className="small nowrap">{texts.usedOf(percent.toFixed(1))}</span>
      <ShareBar percent={percent} tone={percent >= 95 ? 'bad' : percent >= 75 ? 'warn' : 'good'} />
    </span>
  )
}
