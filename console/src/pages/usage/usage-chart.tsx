import { Link, useNavigate } from '@tanstack/react-router'

import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatUsd, printNanoUsd } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { StackedChart } from '../../parts/stacked-chart.tsx'
import { usageTexts as texts } from '../../texts/usage.ts'
import { findCallsOfBar } from './calls-of.ts'
import type { CallsSearch } from './calls-of.ts'
import { foldSeries, sum } from './pivot.ts'
import type { Metric, Pivot } from './pivot.ts'
import { isTime, nameGroup } from './usage-state.ts'
import type { UsageState } from './usage-state.ts'

/** The chart of two groupings, and the same numbers as a table. */
export function UsageChart({ pivot, state }: { readonly pivot: Pivot; readonly state: UsageState }) {
  const { metric, group, unit } = state
  const navigate = useNavigate()
  const [metricName, groupName, unitName] = [texts.metrics[metric], nameGroup(group), nameGroup(unit)]
  const title = isTime(unit)
    ? texts.chart(metricName, groupName)
    : texts.crossCaption(metricName, groupName, unitName)
  const { bars, series } = pivot
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        <button
          type="button"
          className="button small"
          onClick={() => savePivot(pivot, state)}
          aria-label={`${texts.csv}: ${title}`}
        >
          {texts.csv}
        </button>
      </div>
      <StackedChart
        label={`${title}. ${texts.chartNote}`}
        labels={bars.map(({ name }) => name)}
        series={foldSeries(series).map(({ name, values }) => ({ name, values: values.map(Number) }))}
        format={(value) => formatAxis(value, metric)}
        onPick={(at) => {
          const search = findCallsOfBar(state, bars[at]?.value ?? null)
          if (search !== null) void navigate({ to: '/calls', search })
        }}
      />
      <details>
        <summary>{texts.showTimes}</summary>
        <DataTable
          caption={isTime(unit) ? texts.timeCaption(metricName, unitName) : title}
          rows={bars.map((bar, at) => ({ ...bar, at }))}
          getId={({ id }) => id}
          columns={[
            {
              title: unitName,
              isHeading: true,
              cell: ({ name, value }) => <BarName name={name} search={findCallsOfBar(state, value)} />,
              foot: texts.columns.sum,
            },
            ...series.map(({ id, name, values }) => ({
              id,
              title: name,
              isNumber: true,
              cell: ({ at }: { readonly at: number }) => formatValue(values[at] ?? 0n, metric),
              foot: formatValue(sum(values), metric),
            })),
            {
              id: 'sum',
              title: texts.columns.sum,
              isNumber: true,
              cell: ({ at }) => formatValue(sum(series.map(({ values }) => values[at] ?? 0n)), metric),
              foot: formatValue(sum(series.flatMap(({ values }) => values)), metric),
            },
          ]}
        />
      </details>
    </section>
  )
}

/** The name of a bar, which leads to its calls. */
function BarName({ name, search }: { readonly name: string; readonly search: CallsSearch | null }) {
  if (search === null) return <Name text={name} />
  return (
    <Link to="/calls" search={search} className="row-link" aria-label={texts.toCallsLabel(name)}>
      <Name text={name} />
    </Link>
  )
}

function formatValue(value: bigint, metric: Metric): string {
  return metric === 'cost' ? formatUsd(printNanoUsd(value)) : formatCount(value)
}

/** A rounded value for the axis and for titles. */
function formatAxis(value: number, metric: Metric): string {
  if (metric !== 'cost') return formatCompact(value)
  const usd = value / 1e9
  // Two significant digits, as many as the steps of the axis have.
  const decimals = usd === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(usd)))
  const text = usd.toFixed(Math.min(decimals, maxDecimals))
  return `$${text.replace(/(\.\d\d\d*?)0+$/, '$1')}`
}

/** Money is exact to the nano-dollar. */
const maxDecimals = 9

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

function formatCompact(value: number): string {
  return compact.format(value)
}

function savePivot({ bars, series }: Pivot, { metric, unit }: UsageState): void {
  const rows = bars.map(({ name }, at) => [
    name,
    ...series.map(({ values }) => {
      const value = values[at] ?? 0n
      return metric === 'cost' ? printNanoUsd(value) : value.toString()
    }),
  ])
  const first = isTime(unit) ? 'time' : unit
  saveFile('usage-by-two.csv', printCsv([[first, ...series.map(({ name }) => name)], ...rows]))
}
