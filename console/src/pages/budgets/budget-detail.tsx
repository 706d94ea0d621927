import { useQuery } from '@tanstack/react-query'

import { budgetSpendingQuery } from '../../api/budgets.ts'
import type { Budget } from '../../api/budgets.ts'
import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { formatUsd, printNanoUsd } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { usageTexts } from '../../texts/usage.ts'
import { burnDown } from './burn-down.ts'
import type { BurnDown } from './burn-down.ts'
import { BurnDownChart } from './burn-down-chart.tsx'
import { describeForecast } from './describe-forecast.ts'
import { describeWindow } from './describe-window.ts'
import { getLimitNanoUsd } from './forecast.ts'

interface BudgetDetailProps {
  readonly budget: Budget
  readonly onClose: () => void
}

/** The burn-down of a budget with its forecast, as a chart, a table and a file. */
export function BudgetDetail({ budget, onClose }: BudgetDetailProps) {
  const query = useQuery(budgetSpendingQuery(budget.id))
  return (
    <Modal title={texts.detailTitle(budget.scope)} isOpen onClose={onClose} shape="wide">
      <BudgetFacts budget={budget} />
      <p>{describeForecast(budget, Date.now())}</p>
      <QueryState query={query}>
        {(spending) => {
          const chart = burnDown(budget, spending, Date.now())
          return (
            <>
              <BurnDownChart chart={chart} label={texts.burnDown(budget.scope)} />
              <BurnDownTable chart={chart} scope={budget.scope} />
            </>
          )
        }}
      </QueryState>
    </Modal>
  )
}

function BudgetFacts({ budget }: { readonly budget: Budget }) {
  const { spent, held, left, models, rolling, window, timezone, action, thresholds } = budget
  const names = texts.facts
  const period = describeWindow(budget)
  return (
    <Facts
      facts={[
        [names.limit, formatUsd(printNanoUsd(getLimitNanoUsd(budget, Date.now())))],
        [names.spent, formatUsd(spent)],
        [names.held, formatUsd(held)],
        [names.left, formatUsd(left)],
        [names.window, rolling || window === 'total' ? period : texts.windowIn(period, timezone)],
        [names.models, models?.join(', ')],
        [texts.columns.action, texts.actionsOf[action]],
        [names.thresholds, thresholds.map((percent) => `${percent} %`).join(', ')],
      ]}
    />
  )
}

function BurnDownTable({ chart, scope }: { readonly chart: BurnDown; readonly scope: string }) {
  const { steps } = chart
  if (steps.length === 0) return <p className="muted">{texts.noSpending}</p>
  const names = texts.burnDownColumns
  const save = () => {
    const rows = steps.map(({ time, costNanoUsd, leftNanoUsd }) => [
      time,
      printNanoUsd(costNanoUsd),
      printNanoUsd(leftNanoUsd),
    ])
    saveFile('budget.csv', printCsv([['time', 'cost_usd', 'left_usd'], ...rows]))
  }
  return (
    <>
      <div className="row end">
        <button type="button" className="button small" onClick={save}>
          {usageTexts.csv}
        </button>
      </div>
      <DataTable
        caption={texts.burnDown(scope)}
        rows={steps}
        getId={({ time }) => time}
        columns={[
          { title: names.time, isHeading: true, cell: ({ time }) => time },
          {
            title: names.cost,
            isNumber: true,
            cell: ({ costNanoUsd }) => formatUsd(printNanoUsd(costNanoUsd)),
          },
          {
            title: names.left,
            isNumber: true,
            cell: ({ leftNanoUsd }) => formatUsd(printNanoUsd(leftNanoUsd)),
          },
        ]}
      />
    </>
  )
}
