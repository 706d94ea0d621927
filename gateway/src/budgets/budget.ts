import { formatNanoUsd } from '@anthology/catalog'

import { rollingWindows } from './window.ts'
import type { RollingWindow, WindowKind } from './window.ts'

/** `block` refuses what does not fit; `warn` records what would have been refused, and refuses nothing. */
export type BudgetAction = 'block' | 'warn'

/** A limit on the money of one scope in one window. Amounts are nano-dollars. */
export interface Budget {
  readonly id: string
  /** Increases with every change; a budget of the configuration has the revision of its content. */
  readonly revision: number
  readonly source: 'config' | 'api'
  /** As the user writes it: `organization`, `workspace:NAME`, `member:NAME`, `key:NAME` or `label:NAME=VALUE`. */
  readonly scope: string
  /** Ids of the models that count; null: all. */
  readonly models: readonly string[] | null
  readonly limitNanoUsd: number
  readonly window: WindowKind
  /** The IANA time zone of a calendar window. */
  readonly timezone: string
  readonly rolling: boolean
  readonly action: BudgetAction
  /** Percentages of the limit at which an event is sent, in ascending order. */
  readonly thresholds: readonly number[]
  readonly raise: BudgetRaise | null
  /** From this time on, the calls of every process hold money on the budget; earlier ones count by their rows. */
  readonly activeFromMs: number
}

/** A higher limit until a time. */
export interface BudgetRaise {
  readonly toNanoUsd: number
  readonly untilMs: number
}

/** The limit at a time, with a raise that is still valid. */
export function getLimit({ limitNanoUsd, raise }: Budget, nowMs: number): number {
  return raise !== null && nowMs < raise.untilMs ? Math.max(limitNanoUsd, raise.toNanoUsd) : limitNanoUsd
}

/** Null for a calendar window. */
export function findRolling({ rolling, window }: Pick<Budget, 'rolling' | 'window'>): RollingWindow | null {
  return rolling && window !== 'total' ? rollingWindows[window] : null
}

/** Two definitions count the same calls, so that the sums of one are those of the other. */
export function countsSame(one: Budget, other: Budget): boolean {
  return (
    one.scope === other.scope &&
    one.window === other.window &&
    one.timezone === other.timezone &&
    one.rolling === other.rolling &&
    JSON.stringify(one.models) === JSON.stringify(other.models)
  )
}

/**
 * The largest limit, 9,000,000 US dollars: amounts of budgets are integers of nano-dollars below 2^53, which a number
 * holds exactly.
 */
export const maxLimitNanoUsd = 9_000_000_000_000_000

/** US dollars as decimal text with at most nine decimals. */
export const usdPattern = '^(?:0|[1-9]\\d{0,6})(?:\\.\\d{1,9})?$'

/** Reads US dollars, such as `0.01`; null if the text is no amount or more than `maxLimitNanoUsd`. */
export function parseUsd(text: string): number | null {
  if (!new RegExp(usdPattern).test(text)) return null
  const [whole = '0', decimals = ''] = text.split('.')
  const nanoUsd = Number(whole) * 1_000_000_000 + Number(decimals.padEnd(9, '0'))
  return nanoUsd <= maxLimitNanoUsd ? nanoUsd : null
}

export function printUsd(nanoUsd: number): string {
  return formatNanoUsd(BigInt(Math.round(nanoUsd)))
}
