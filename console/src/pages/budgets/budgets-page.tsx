import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactNode } from 'react'

import { deleteBudget, listBudgetsQuery } from '../../api/budgets.ts'
import type { Budget } from '../../api/budgets.ts'
import { useMay } from '../../api/session.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { useCreating } from '../../app/use-creating.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { formatRecentTime, formatTime, formatUsd, readNanoUsd } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Stacked } from '../../parts/stacked.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { BudgetUse } from './budget-use.tsx'
import { BudgetDetail } from './budget-detail.tsx'
import { CreateBudget, EditBudget } from './budget-dialogs.tsx'
import { describeWindow } from './describe-window.ts'
import { forecastBudget } from './forecast.ts'
import { RaiseBudget } from './raise-budget.tsx'

export function BudgetsPage() {
  const [search] = usePageSearch()
  const query = useQuery(listBudgetsQuery(search['after']))
  const mayChange = useMay('billing')
  const [isCreating, setCreating] = useCreating()
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
      {isCreating && mayChange && <CreateBudget onClose={() => setCreating(false)} />}
    </div>
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
  const [editing, setEditing] = useState<Budget | null>(null)
  const opened = budgets.find(({ id }) => id === search['open'])
  const actions = {
    open: ({ id }: Budget) => change({ open: id }, { push: true }),
    edit: mayChange ? setEditing : null,
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
      {editing !== null && <EditBudget budget={editing} onClose={() => setEditing(null)} />}
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
  readonly edit: ((budget: Budget) => void) | null
  readonly raise: ((budget: Budget) => void) | null
  readonly remove: ((budget: Budget) => void) | null
}

function createColumns(actions: BudgetActions): readonly Column<Budget>[] {
  const titles = texts.columns
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
          <Name text={budget.scope} />
        </button>
      ),
    },
    {
      title: titles.window,
      cell: (budget) => (
        <Stacked below={describeReset(budget)}>
          <span className="nowrap">{describeWindow(budget)}</span>
        </Stacked>
      ),
    },
    { title: titles.used, cell: (budget) => <UsedOfLimit budget={budget} /> },
    { title: titles.spent, isNumber: true, cell: ({ spent }) => formatUsd(spent) },
    { title: titles.left, isNumber: true, cell: printLeft },
    {
      title: titles.action,
      cell: (budget) => (
        <Stacked below={describeShortly(budget)}>
          <span className="nowrap">{texts.actionsOf[budget.action]}</span>
        </Stacked>
      ),
    },
    {
      title: titles.actions,
      isActions: true,
      cell: (budget) => <BudgetButtons budget={budget} actions={actions} />,
    },
  ]
}

function BudgetButtons({ budget, actions }: { readonly budget: Budget; readonly actions: BudgetActions }) {
  const { scope, source } = budget
  if (source === 'config') return <span className="small muted">{texts.inFile}</span>
  return (
    <span className="row nowrap">
      {(['edit', 'raise', 'remove'] as const).map((name) => {
        const act = actions[name]
        return (
          act !== null && (
            <button
              key={name}
              type="button"
              className={name === 'remove' ? 'button small danger' : 'button small'}
              aria-label={texts[`${name}Label`](scope)}
              onClick={() => act(budget)}
            >
              {texts[name]}
            </button>
          )
        )
      })}
    </span>
  )
}

function isRaised({ raise }: Budget): boolean {
  return raise !== null && Date.parse(raise.until) > Date.now()
}

/** Holds are rare and short, so they have no column. */
function printLeft({ left, held }: Budget): ReactNode {
  if (readNanoUsd(held) === 0n) return formatUsd(left)
  return <Stacked below={texts.heldNow(formatUsd(held))}>{formatUsd(left)}</Stacked>
}

/** Null: it does not reset by itself. */
function describeReset({ resets_at: time, rolling }: Budget): string | null {
  if (time === null) return null
  return (rolling ? texts.roomAt : texts.resetsAt)(formatRecentTime(time))
}

/** The used share of the limit, and the end of a raise. */
function UsedOfLimit({ budget }: { readonly budget: Budget }) {
  if (!isRaised(budget)) return <BudgetUse budget={budget} />
  const { raise } = budget
  return (
    <span className="stacked">
      <BudgetUse budget={budget} />
      <span className="small muted raised">
        {texts.raisedUntil(formatUsd(raise?.to), formatTime(raise?.until))}
      </span>
    </span>
  )
}

/** The forecast in a few words; null: there is none. */
function describeShortly(budget: Budget): string | null {
  const forecast = forecastBudget(budget, Date.now())
  if (forecast.kind === 'none') return null
  return forecast.kind === 'reached'
    ? texts.forecastShort.reached(formatRecentTime(forecast.atMs))
    : texts.forecastShort[forecast.kind]
}
