import { formatRecentTime, formatUsd, printNanoUsd } from '../../parts/format.ts'
import { useWidth } from '../../parts/use-width.ts'
import { budgetTexts as texts } from '../../texts/manage.ts'
import type { BurnDown, BurnDownPoint } from './burn-down.ts'

const [height, left, bottom, top] = [240, 76, 24, 10]
/** Until the chart has been measured. */
const usualWidth = 760

/** The money that is left over the window, and dashed how it goes on at the present pace. */
export function BurnDownChart({ chart, label }: { readonly chart: BurnDown; readonly label: string }) {
  const { limitNanoUsd, sinceMs, untilMs, nowMs, steps, forecast } = chart
  const [ref, width] = useWidth<HTMLElement>(usualWidth)
  const max = Math.max(Number(limitNanoUsd), 1)
  const spanMs = Math.max(untilMs - sinceMs, 1)
  const x = (atMs: number) => left + ((atMs - sinceMs) / spanMs) * (width - left - 8)
  const y = (nanoUsd: bigint) => top + (1 - Math.max(Number(nanoUsd), 0) / max) * (height - top - bottom)
  const print = (points: readonly BurnDownPoint[]) =>
    points.map(({ atMs, leftNanoUsd }) => `${x(atMs).toFixed(1)},${y(leftNanoUsd).toFixed(1)}`).join(' ')
  const last = steps.at(-1)?.leftNanoUsd ?? limitNanoUsd
  const line = [
    { atMs: sinceMs, leftNanoUsd: limitNanoUsd },
    ...steps,
    { atMs: Math.min(nowMs, untilMs), leftNanoUsd: last },
  ]
  return (
    <figure className="stack" ref={ref}>
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {[0n, limitNanoUsd / 2n, limitNanoUsd].map((value) => (
          <g key={String(value)}>
            <line className="chart-grid" x1={left} x2={width - 8} y1={y(value)} y2={y(value)} />
            <text className="chart-text" x={left - 8} y={y(value) + 4} textAnchor="end">
              {formatShort(value)}
            </text>
          </g>
        ))}
        <line className="chart-now" x1={x(nowMs)} x2={x(nowMs)} y1={top} y2={height - bottom} />
        <polyline className="chart-line" points={print(line)} />
        {forecast.length > 0 && <polyline className="chart-line dashed" points={print(forecast)} />}
        <text className="chart-text" x={left} y={height - 6}>
          {formatRecentTime(sinceMs)}
        </text>
        <text className="chart-text" x={width - 8} y={height - 6} textAnchor="end">
          {formatRecentTime(untilMs)}
        </text>
      </svg>
      <figcaption className="small muted">{texts.burnDownNote}</figcaption>
    </figure>
  )
}

/** An amount for the axis, rounded. */
function formatShort(nanoUsd: bigint): string {
  const usd = Number(nanoUsd) / 1e9
  return usd === 0 || usd >= 1 ? formatUsd(usd.toFixed(2)) : formatUsd(printNanoUsd(nanoUsd)).slice(0, 9)
}
