import { useQuery } from '@tanstack/react-query'

import { budgetSpendingQuery } from '../../api/budgets.ts'
import type { Budget } from '../../api/budgets.ts'
import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatUsd, printNanoUsd } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { usageTexts } from '../../texts/usage.ts'
import { burnDown } from './burn-down.ts'
import type { BurnDown } from './burn-down.ts'
import { BurnDownChart } from './burn-down-chart.tsx'
import { describeForecast } from './describe-forecast.ts'

interface BudgetDetailProps {
  readonly budget: Budget
  readonly onClose: () => void
}

/** The burn-down of a budget with its forecast, as a chart, a table and a file. */
export function BudgetDetail({ budget, onClose }: BudgetDetailProps) {
  const query = useQuery(budgetSpendingQuery(budget.id))
  return (
    <Modal title={texts.detailTitle(budget.scope)} isOpen onClose={onClose} shape="wide">
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
