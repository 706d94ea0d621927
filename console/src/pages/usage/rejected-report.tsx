import { Link } from '@tanstack/react-router'

import type { RejectedCalls, RejectedOfKey } from '../../api/rejected-calls.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { formatCount } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { StackedChart } from '../../parts/stacked-chart.tsx'
import { rejectedTexts as texts } from '../../texts/rejected-calls.ts'
import { foldSeries, sum } from './pivot.ts'
import type { Series } from './pivot.ts'
import { isRejectedFilter, listTimes, nameGroup } from './usage-state.ts'
import type { FilterName, UsageState } from './usage-state.ts'

interface RejectedReportProps {
  readonly report: RejectedCalls
  readonly state: UsageState
}

/** The rejected calls of the period: over time by error code, and by key. */
export function RejectedReport({ report, state }: RejectedReportProps) {
  const { days, keys, total, complete } = report
  const notApplied = (Object.keys(state.filters) as FilterName[]).filter((name) => !isRejectedFilter(name)) // Its keys.
  return (
    <>
      <p className="muted">{texts.lead}</p>
      {notApplied.length > 0 && (
        <p className="notice warn">{texts.notApplied(notApplied.map(nameGroup).join(', '))}</p>
      )}
      {total === 0 ? (
        <Empty title={texts.empty} />
      ) : (
        <>
          <RejectedChart days={days} state={state} />
          <KeyTable keys={keys} />
          {!complete && <p className="notice">{texts.cut(formatCount(keys.length))}</p>}
        </>
      )}
    </>
  )
}

function RejectedChart({ days, state }: Pick<RejectedCalls, 'days'> & { readonly state: UsageState }) {
  const labels = listTimes({ ...state, unit: 'day', zone: 'UTC' })
  const series = listSeries(days, labels)
  return (
    <section className="card">
      <div className="card-head">
        <h2>{texts.chart}</h2>
      </div>
      <StackedChart
        label={`${texts.chart}. ${texts.chartNote}`}
        labels={labels}
        series={foldSeries(series).map(({ name, values }) => ({ name, values: values.map(Number) }))}
        format={formatCount}
      />
      <details>
        <summary>{texts.showTimes}</summary>
        <DataTable
          caption={texts.timeCaption}
          rows={labels.map((day, at) => ({ day, at }))}
          getId={({ day }) => day}
          columns={[
            {
              title: texts.columns.day,
              isHeading: true,
              cell: ({ day }) => <span className="nowrap">{day}</span>,
              foot: texts.columns.sum,
            },
            ...series.map(({ id, name, values }) => ({
              id,
              title: name,
              isNumber: true,
              cell: ({ at }: { readonly at: number }) => formatCount(values[at]),
              foot: formatCount(sum(values)),
            })),
          ]}
        />
      </details>
    </section>
  )
}

/** A series for each error code, the most calls first. */
function listSeries(days: RejectedCalls['days'], labels: readonly string[]): readonly Series[] {
  const codes = [...new Set(days.map(({ code }) => code))]
  const counts = new Map(days.map(({ day, code, calls }) => [`${day} ${code}`, BigInt(calls)]))
  return codes
    .map((code) => {
      const values = labels.map((day) => counts.get(`${day} ${code}`) ?? 0n)
      return { id: code, value: code, name: code, values }
    })
    .toSorted((one, other) => Number(sum(other.values) - sum(one.values)))
}

function KeyTable({ keys }: Pick<RejectedCalls, 'keys'>) {
  const [search] = usePageSearch()
  const { columns } = texts
  return (
    <section className="stack">
      <div className="card-head">
        <h2>{texts.caption}</h2>
        <button
          type="button"
          className="button small"
          aria-label={`${texts.csv}: ${texts.caption}`}
          onClick={() => saveKeys(keys)}
        >
          {texts.csv}
        </button>
      </div>
      <DataTable
        caption={texts.caption}
        rows={keys}
        getId={({ key_id: id, code }) => `${id} ${code}`}
        columns={[
          {
            title: columns.key,
            isHeading: true,
            cell: ({ key_id: id, key }) => (
              <Link
                to="/usage"
                search={{ ...search, key: id }}
                aria-label={texts.keyLabel(key ?? id)}
                className="row-link"
              >
                <Name text={key ?? id} />
              </Link>
            ),
            foot: columns.sum,
          },
          { title: columns.code, cell: ({ code }) => <code className="nowrap">{code}</code> },
          {
            title: columns.calls,
            isNumber: true,
            cell: ({ calls }) => formatCount(calls),
            foot: formatCount(keys.reduce((total, { calls }) => total + calls, 0)),
          },
          { title: columns.reason, cell: ({ code }) => texts.reasons[code] ?? '' },
        ]}
      />
    </section>
  )
}

function saveKeys(keys: readonly RejectedOfKey[]): void {
  const rows = keys.map(({ key_id: id, key, code, calls }) => [id, key ?? '', code, calls])
  saveFile('rejected-calls.csv', printCsv([['key_id', 'key', 'code', 'calls'], ...rows]))
}
