import { placeTicks } from './chart-ticks.ts'
import { useWidth } from './use-width.ts'

export interface ChartSeries {
  readonly name: string
  /** One value for each label. */
  readonly values: readonly number[]
}

interface StackedChartProps {
  /** Names the chart; the numbers are in a table of the page. */
  readonly label: string
  readonly labels: readonly string[]
  readonly series: readonly ChartSeries[]
  readonly format: (value: number) => string
  /** Called with the index of a bar. */
  readonly onPick?: (index: number) => void
}

const [height, left, bottom, top] = [260, 64, 22, 8]
const maxBarWidth = 56
/** Until the chart has been measured. */
const usualWidth = 960

/**
 * Stacked bars as SVG. The colours are styles, so they follow the theme, and a bar shows its numbers as its title. The
 * first eight series have colours of their own; the caller sums up the rest.
 */
export function StackedChart({ label, labels, series, format, onPick }: StackedChartProps) {
  const [ref, width] = useWidth<HTMLElement>(usualWidth)
  const totals = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
  const max = findNiceMax(Math.max(...totals, 0))
  const slot = Math.max(width - left, 0) / Math.max(labels.length, 1)
  const scale = (height - bottom - top) / max
  const barWidth = Math.min(slot * 0.8, maxBarWidth)
  const getX = (at: number) => left + at * slot + slot * 0.1
  const ticks = placeTicks(labels, { getMiddle: (at) => getX(at) + barWidth / 2, slot, width })
  return (
    <figure className="stack" ref={ref}>
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <Grid width={width} max={max} shares={chooseShares(series, max)} format={format} />
        {labels.map((name, at) => (
          <g
            // Two keys may have one name.
            key={at}
            className={onPick === undefined ? undefined : 'chart-pick'}
            onClick={() => onPick?.(at)}
          >
            <title>{describeBar(name, at, series, format)}</title>
            <rect
              className="chart-hit"
              x={left + at * slot}
              y={top}
              width={slot}
              height={height - bottom - top}
            />
            {stack(series, at).map(({ index, from, value }) => (
              <rect
                key={index}
                className={`series-${index + 1}`}
                x={getX(at)}
                width={barWidth}
                y={height - bottom - (from + value) * scale}
                height={Math.max(value * scale, value > 0 ? 0.75 : 0)}
              />
            ))}
          </g>
        ))}
        {ticks.map(({ at, text, x }) => (
          <text key={at} className="chart-text" x={x} y={height - 6} textAnchor="middle">
            {text}
          </text>
        ))}
      </svg>
      <figcaption className="row legend">
        {series.map(({ name }, index) => (
          <span key={index} className="legend-entry">
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="2" className={`series-${index + 1}`} />
            </svg>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

interface GridProps extends Pick<StackedChartProps, 'format'> {
  readonly width: number
  readonly max: number
  /** The parts of `max` that have a line. */
  readonly shares: readonly number[]
}

function Grid({ width, max, shares, format }: GridProps) {
  return shares.map((share) => {
    const y = height - bottom - share * (height - bottom - top)
    return (
      <g key={share}>
        <line className="chart-grid" x1={left} x2={width} y1={y} y2={y} />
        <text className="chart-text" x={left - 8} y={y + 4} textAnchor="end">
          {format(share * max)}
        </text>
      </g>
    )
  })
}

/** Counts have no line at half of one. */
function chooseShares(series: readonly ChartSeries[], max: number): readonly number[] {
  const areCounts = series.every(({ values }) => values.every(Number.isInteger))
  return areCounts && !Number.isInteger(max / 2) ? [0, 1] : [0, 0.5, 1]
}

function stack(series: readonly ChartSeries[], at: number) {
  let from = 0
  return series.map(({ values }, index) => {
    const value = values[at] ?? 0
    const part = { index, from, value }
    from += value
    return part
  })
}

function describeBar(
  name: string,
  at: number,
  series: readonly ChartSeries[],
  format: (value: number) => string,
): string {
  const parts = series
    .filter(({ values }) => (values[at] ?? 0) > 0)
    .map((one) => `${one.name}: ${format(one.values[at] ?? 0)}`)
  return [name, ...parts].join('\n')
}

/** The next round number, so that a chart fills at least two thirds of its height. */
function findNiceMax(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power
}
