import type { Budget, BudgetSpending } from '../../api/budgets.ts'
import { readNanoUsd } from '../../parts/format.ts'
import { getLimitNanoUsd } from './forecast.ts'

/** The money that is left at a time. */
export interface BurnDownPoint {
  readonly atMs: number
  readonly leftNanoUsd: bigint
}

export interface BurnDownStep extends BurnDownPoint {
  readonly time: string
  readonly costNanoUsd: bigint
}

export interface BurnDown {
  readonly limitNanoUsd: bigint
  readonly sinceMs: number
  /** The end of the window; now, where it has none. */
  readonly untilMs: number
  readonly nowMs: number
  readonly steps: readonly BurnDownStep[]
  /** The line from now on at the pace of the window so far; empty without an end or without calls. */
  readonly forecast: readonly BurnDownPoint[]
}

const unitMs = { hour: 3_600_000, day: 86_400_000, month: 31 * 86_400_000 } as const

/** Adds up the spending of a window and draws it on to the window's end. */
export function burnDown(budget: Budget, spending: BudgetSpending, nowMs: number): BurnDown {
  const limitNanoUsd = getLimitNanoUsd(budget, nowMs)
  let leftNanoUsd = limitNanoUsd
  const steps = spending.data.map(({ time, cost_usd: cost }): BurnDownStep => {
    const costNanoUsd = readNanoUsd(cost)
    leftNanoUsd -= costNanoUsd
    const endMs = readStart(time) + unitMs[spending.unit]
    return { time, costNanoUsd, leftNanoUsd, atMs: Math.min(endMs, nowMs) }
  })
  // A total began with its first call.
  const startMs = Date.parse(spending.since)
  const sinceMs = startMs === 0 && steps[0] !== undefined ? readStart(steps[0].time) : startMs
  const untilMs = spending.until === null ? nowMs : Date.parse(spending.until)
  return {
    limitNanoUsd,
    sinceMs,
    untilMs,
    nowMs,
    steps,
    forecast:
      spending.until === null ? [] : drawForecast({ limitNanoUsd, leftNanoUsd, sinceMs, untilMs, nowMs }),
  }
}

interface Pace {
  readonly limitNanoUsd: bigint
  readonly leftNanoUsd: bigint
  readonly sinceMs: number
  readonly untilMs: number
  readonly nowMs: number
}

function drawForecast(pace: Pace): readonly BurnDownPoint[] {
  const { limitNanoUsd, leftNanoUsd, sinceMs, untilMs, nowMs } = pace
  const spent = limitNanoUsd - leftNanoUsd
  if (spent <= 0n || leftNanoUsd <= 0n || nowMs <= sinceMs) return []
  const perMs = Number(spent) / (nowMs - sinceMs)
  const endMs = Math.min(untilMs, nowMs + Number(leftNanoUsd) / perMs)
  return [
    { atMs: nowMs, leftNanoUsd },
    { atMs: endMs, leftNanoUsd: leftNanoUsd - BigInt(Math.round(perMs * (endMs - nowMs))) },
  ]
}

/** The start of `2026-11-22T14:00Z`, `2026-11-22` or `2026-11`. */
function readStart(time: string): number {
  return Date.parse(time)
}
