import { useQuery } from '@tanstack/react-query'

import type { Budget } from '../../api/budgets.ts'
import { keyLimitsQuery, rateKinds } from '../../api/keys.ts'
import type { KeyRate } from '../../api/keys.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatTime, formatUsd } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Name } from '../../parts/name.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { ShareOf } from '../../parts/share-bar.tsx'
import { budgetTexts, keyTexts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { BudgetUse } from '../budgets/budget-use.tsx'

const texts = keyTexts.limitsView

interface KeyLimitsProps {
  readonly id: string
  /** Undefined: the key is not on the page of the list. */
  readonly name: string | undefined
  readonly onClose: () => void
}

/** Every limit of a key, and how much of it is used at this moment. */
export function KeyLimits({ id, name, onClose }: KeyLimitsProps) {
  const query = useQuery(keyLimitsQuery(id))
  return (
    <Modal title={texts.title(name ?? id)} isOpen shape="wide" onClose={onClose}>
      <QueryState query={query}>
        {({ rates, budgets }) => (
          <>
            <section className="stack">
              <h3>{texts.rates}</h3>
              <Rates rates={rates} />
            </section>
            <section className="stack">
              <h3>{texts.budgets}</h3>
              {budgets.length === 0 ? (
                <p className="muted">{texts.noBudgets}</p>
              ) : (
                <BudgetsTable budgets={budgets} />
              )}
            </section>
          </>
        )}
      </QueryState>
    </Modal>
  )
}

/** Usually few of many models are in use, so the others are folded. */
function Rates({ rates }: { readonly rates: readonly KeyRate[] }) {
  if (rates.length === 0) return <p className="muted">{texts.noRates}</p>
  const idle = rates.filter((rate) => !isUsed(rate))
  return (
    <>
      {idle.length < rates.length && <RatesTable caption={texts.rates} rates={rates.filter(isUsed)} />}
      {idle.length > 0 && (
        <details>
          <summary>{texts.idle(idle.length)}</summary>
          <RatesTable caption={texts.idle(idle.length)} rates={idle} />
        </details>
      )}
      {idle.some(({ remaining }) => remaining === null) && <p className="small muted">{texts.unknown}</p>}
    </>
  )
}

function isUsed({ remaining, ...limits }: KeyRate): boolean {
  return remaining !== null && rateKinds.some((kind) => remaining[kind] !== limits[`${kind}_per_minute`])
}

interface RatesTableProps {
  readonly caption: string
  readonly rates: readonly KeyRate[]
}

function RatesTable({ caption, rates }: RatesTableProps) {
  return (
    <DataTable
      caption={caption}
      rows={rates}
      getId={({ model }) => model}
      columns={[
        { title: texts.model, isHeading: true, cell: ({ model }) => <Name text={model} /> },
        ...rateKinds.map((kind) => ({
          title: texts.kinds[kind],
          cell: (rate: KeyRate) => (
            <RateUse limit={rate[`${kind}_per_minute`]} remaining={rate.remaining?.[kind] ?? null} />
          ),
        })),
      ]}
    />
  )
}

interface RateUseProps {
  readonly limit: number | null
  readonly remaining: number | null
}

function RateUse({ limit, remaining }: RateUseProps) {
  if (limit === null) return <span className="muted">{texts.unlimited}</span>
  if (remaining === null) return formatCount(limit)
  const used = limit - remaining
  return <ShareOf percent={(used / limit) * 100} text={texts.used(formatCount(used), formatCount(limit))} />
}

function BudgetsTable({ budgets }: { readonly budgets: readonly Budget[] }) {
  const { columns, windows } = budgetTexts
  return (
    <DataTable
      caption={texts.budgets}
      rows={budgets}
      getId={({ id }) => id}
      columns={[
        { title: columns.scope, isHeading: true, cell: ({ scope }) => <Name text={scope} /> },
        { title: columns.used, cell: (budget) => <BudgetUse budget={budget} /> },
        { title: columns.left, isNumber: true, cell: ({ left }) => formatUsd(left) },
        { title: columns.limit, isNumber: true, cell: ({ limit }) => formatUsd(limit) },
        { title: columns.window, cell: ({ window }) => <span className="nowrap">{windows[window]}</span> },
        {
          title: columns.resets,
          cell: ({ resets_at: time }) => (
            <span className="nowrap">{time === null ? shellTexts.none : formatTime(time)}</span>
          ),
        },
      ]}
    />
  )
}
