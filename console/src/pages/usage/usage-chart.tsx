import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatCount, formatUsd, printNanoUsd } from '../../parts/format.ts'
import { StackedChart } from '../../parts/stacked-chart.tsx'
import { usageTexts as texts } from '../../texts/usage.ts'
import type { Metric, Pivot } from './pivot.ts'
import type { UsageState } from './usage-state.ts'

/** The chart over time, and the same numbers as a table. */
export function UsageChart({ pivot, state }: { readonly pivot: Pivot; readonly state: UsageState }) {
  const { metric, group, unit } = state
  const title = texts.chart(texts.metrics[metric], texts.groups[group])
  const { times, series } = pivot
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        <button
          type="button"
          className="button small"
          onClick={() => savePivot(pivot, metric)}
          aria-label={`${texts.csv}: ${title}`}
        >
          {texts.csv}
        </button>
      </div>
      <StackedChart
        label={`${title}. ${texts.chartNote}`}
        labels={times}
        series={series.map(({ name, values }) => ({ name, values: values.map(Number) }))}
        format={(value) => formatAxis(value, metric)}
      />
      <details>
        <summary>{texts.showTimes}</summary>
        <DataTable
          caption={texts.timeCaption(texts.metrics[metric], texts.units[unit])}
          rows={times.map((time, at) => ({ time, at }))}
          getId={({ time }) => time}
          columns={[
            { title: texts.columns.time, isHeading: true, cell: ({ time }) => time },
            ...series.map(({ name, values }) => ({
              title: name,
              isNumber: true,
              cell: ({ at }: { readonly at: number }) => formatValue(values[at] ?? 0n, metric),
            })),
            {
              title: texts.columns.sum,
              isNumber: true,
              cell: ({ at }) =>
                formatValue(
                  series.reduce((sum, { values }) => sum + (values[at] ?? 0n), 0n),
                  metric,
                ),
            },
          ]}
        />
      </details>
    </section>
  )
}

function formatValue(value: bigint, metric: Metric): string {
  return metric === 'cost' ? formatUsd(printNanoUsd(value)) : formatCount(value)
}

/** A rounded value for the axis and for titles. */
function formatAxis(value: number, metric: Metric): string {
  if (metric !== 'cost') return formatCompact(value)
  const usd = value / 1e9
  return usd === 0 || usd >= 0.01 ? `$${usd.toFixed(2)}` : `$${usd.toPrecision(2)}`
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

function formatCompact(value: number): string {
  return compact.format(value)
}

function savePivot({ times, series }: Pivot, metric: Metric): void {
  const rows = times.map((time, at) => [
    time,
    ...series.map(({ values }) => {
      const value = values[at] ?? 0n
      return metric === 'cost' ? printNanoUsd(value) : value.toString()
    }),
  ])
  saveFile('usage-over-time.csv', printCsv([['time', ...series.map(({ name }) => name)], ...rows]))
}
