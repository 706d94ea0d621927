import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { budgetWindows, createBudget, deleteBudget, listBudgetsQuery } from '../../api/budgets.ts'
import type { Budget, BudgetInput } from '../../api/budgets.ts'
import { useMay } from '../../api/session.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatRecentTime, formatTime, formatUsd, readNanoUsd } from '../../parts/format.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { ShareBar } from '../../parts/share-bar.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { BudgetDetail } from './budget-detail.tsx'
import { forecastBudget, getLimitNanoUsd } from './forecast.ts'
import { RaiseBudget } from './raise-budget.tsx'

export function BudgetsPage() {
  const [search] = usePageSearch()
  const query = useQuery(listBudgetsQuery(search['after']))
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
        {({ data, next }) => (
          <>
            {data.length === 0 ? (
              <Empty title={texts.empty} />
            ) : (
              <BudgetTable budgets={data} mayChange={mayChange} />
            )}
            <NextPage next={next} />
          </>
        )}
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
        member="scope"
        value={form.scope}
        onChange={(scope) => setForm({ ...form, scope })}
        isRequired
      />
      <p className="small muted">{texts.scopeHint}</p>
      <TextField
        label={texts.limit}
        member="limit"
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
  const [search, change] = usePageSearch()
  const [removing, setRemoving] = useState<Budget | null>(null)
  const [raising, setRaising] = useState<Budget | null>(null)
  const opened = budgets.find(({ id }) => id === search['open'])
  const actions = {
    open: ({ id }: Budget) => change({ open: id }, { push: true }),
    raise: mayChange ? setRaising : null,
    remove: mayChange ? setRemoving : null,
  }
  return (
    <>
      <DataTable
        caption={texts.caption}
        rows={budgets}
        getId={({ id }) => id}
        columns={createColumns(actions)}
      />
      {opened !== undefined && <BudgetDetail budget={opened} onClose={() => change({ open: undefined })} />}
      {raising !== null && <RaiseBudget budget={raising} onClose={() => setRaising(null)} />}
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

interface BudgetActions {
  readonly open: (budget: Budget) => void
  /** Null: the role may not change budgets. */
  readonly raise: ((budget: Budget) => void) | null
  readonly remove: ((budget: Budget) => void) | null
}

function createColumns(actions: BudgetActions): readonly Column<Budget>[] {
  const titles = texts.columns
  const money = (title: string, name: 'spent' | 'held' | 'left'): Column<Budget> => ({
    title,
    isNumber: true,
    cell: (budget) => formatUsd(budget[name]),
  })
  return [
    {
      title: titles.scope,
      isHeading: true,
      cell: (budget) => (
        <button
          type="button"
          className="row-link"
          aria-label={texts.detailLabel(budget.scope)}
          onClick={() => actions.open(budget)}
        >
          {budget.scope}
        </button>
      ),
    },
    {
      title: titles.window,
      cell: ({ window }) => <span className="nowrap">{texts.windows[window]}</span>,
    },
    money(titles.spent, 'spent'),
    money(titles.held, 'held'),
    money(titles.left, 'left'),
    { title: titles.limit, isNumber: true, cell: (budget) => <LimitCell budget={budget} /> },
    { title: titles.used, cell: (budget) => <UsedCell budget={budget} /> },
    { title: titles.forecast, cell: (budget) => <ForecastCell budget={budget} /> },
    {
      title: titles.resets,
      cell: ({ resets_at: time }) => (
        <span className="nowrap">{time === null ? shellTexts.none : formatRecentTime(time)}</span>
      ),
    },
    { title: titles.action, cell: ({ action }) => texts.actionsOf[action] },
    { title: titles.actions, cell: (budget) => <BudgetButtons budget={budget} actions={actions} /> },
  ]
}

function BudgetButtons({ budget, actions }: { readonly budget: Budget; readonly actions: BudgetActions }) {
  const { scope, source } = budget
  const { raise, remove } = actions
  return (
    <span className="row nowrap">
      {source === 'config' && <span className="small muted">{texts.inFile}</span>}
      {source === 'api' && raise !== null && (
        <button
          type="button"
          className="button small"
          aria-label={texts.raiseLabel(scope)}
          onClick={() => raise(budget)}
        >
          {texts.raise}
        </button>
      )}
      {source === 'api' && remove !== null && (
        <button
          type="button"
          className="button small danger"
          aria-label={texts.removeLabel(scope)}
          onClick={() => remove(budget)}
        >
          {texts.remove}
        </button>
      )}
    </span>
  )
}

function LimitCell({ budget }: { readonly budget: Budget }) {
  const { limit, raise } = budget
  return (
    <span className="stack">
      {formatUsd(limit)}
      {raise !== null && Date.parse(raise.until) > Date.now() && (
        <span className="small muted raised">
          {texts.raisedUntil(formatUsd(raise.to), formatTime(raise.until))}
        </span>
      )}
    </span>
  )
}

function ForecastCell({ budget }: { readonly budget: Budget }) {
  const forecast = forecastBudget(budget, Date.now())
  if (forecast.kind === 'none') return shellTexts.none
  const text =
    forecast.kind === 'reached'
      ? texts.forecastShort.reached(formatRecentTime(forecast.atMs))
      : texts.forecastShort[forecast.kind]
  return <span className="nowrap">{text}</span>
}

function UsedCell({ budget }: { readonly budget: Budget }) {
  const limit = getLimitNanoUsd(budget, Date.now())
  const used = readNanoUsd(budget.spent) + readNanoUsd(budget.held)
  const percent = limit === 0n ? 100 : Number((used * 1000n) / limit) / 10
  return (
    <span className="stack">
      <span className="small nowrap">{texts.usedOf(percent.toFixed(1))}</span>
      <ShareBar percent={percent} tone={percent >= 95 ? 'bad' : percent >= 75 ? 'warn' : 'good'} />
    </span>
  )
}
