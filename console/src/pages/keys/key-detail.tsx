import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import type { Budget } from '../../api/budgets.ts'
import { keyLimitsQuery, rateKinds } from '../../api/keys.ts'
import type { KeyRate, ListedKey } from '../../api/keys.ts'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { formatCount, formatTime, formatUsd } from '../../parts/format.ts'
import { Modal } from '../../parts/modal.tsx'
import { Name } from '../../parts/name.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { ShareOf } from '../../parts/share-bar.tsx'
import { budgetTexts, keyTexts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'
import { BudgetUse } from '../budgets/budget-use.tsx'
import { describeWindow } from '../budgets/describe-window.ts'

const texts = keyTexts.detail

interface KeyDetailProps {
  readonly id: string
  /** Undefined: the key is not on the page of the list. */
  readonly listed: ListedKey | undefined
  readonly onClose: () => void
}

/** The facts of a key, and every limit of it with what is used at this moment. */
export function KeyDetail({ id, listed, onClose }: KeyDetailProps) {
  const query = useQuery(keyLimitsQuery(id))
  const maySeeChanges = useMay('viewer')
  return (
    <Modal title={texts.title(listed?.name ?? id)} isOpen shape="wide" onClose={onClose}>
      {listed !== undefined && <KeyFacts of={listed} />}
      <div className="row">
        <Link to="/calls" search={{ key: id }} className="button small">
          {texts.calls}
        </Link>
        <Link to="/usage" search={{ key: id }} className="button small">
          {texts.usage}
        </Link>
        {maySeeChanges && (
          <Link to="/audit" search={{ target: id }} className="button small">
            {texts.changes}
          </Link>
        )}
      </div>
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

/** The permissions that the list has no room for; one that does not restrict the key is left out. */
function KeyFacts({ of: key }: { readonly of: ListedKey }) {
  const names = texts.facts
  return (
    <Facts
      facts={[
        [names.hint, key.hint === null ? null : <code>{key.hint}</code>],
        [names.created, formatTime(key.created_at)],
        [names.expires, key.expires_at === null ? null : formatTime(key.expires_at)],
        [names.models, key.models?.join(', ')],
        [names.protocols, key.protocols?.map((name) => keyTexts.protocolNames[name]).join(', ')],
        [names.regions, key.regions?.join(', ')],
        [names.ipRanges, key.ip_ranges?.join(', ')],
        [names.aws, key.aws_access_key_id === null ? null : <code>{key.aws_access_key_id}</code>],
      ]}
    />
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
  const { columns } = budgetTexts
  return (
    <DataTable
      caption={texts.budgets}
      rows={budgets}
      getId={({ id }) => id}
      columns={[
        { title: columns.scope, isHeading: true, cell: ({ scope }) => <Name text={scope} /> },
        { title: columns.used, cell: (budget) => <BudgetUse budget={budget} /> },
        { title: columns.left, isNumber: true, cell: ({ left }) => formatUsd(left) },
        { title: columns.window, cell: (budget) => <span className="nowrap">{describeWindow(budget)}</span> },
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
