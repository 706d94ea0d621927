import type { PageSearch } from '../../app/router.tsx'
import { usageTexts } from '../../texts/usage.ts'
import type { Metric } from './pivot.ts'

export type Period = keyof typeof usageTexts.periods
export type Group = keyof typeof usageTexts.groups
export type Unit = keyof typeof usageTexts.units

export interface UsageState {
  readonly period: Period
  readonly group: Group
  readonly unit: Unit
  readonly metric: Metric
  readonly zone: string
  readonly filters: Readonly<Partial<Record<Group, string>>>
  /** The parameters of the admin API, without the groupings. */
  readonly query: Readonly<Record<string, string | undefined>>
}

const hourMs = 3_600_000
const periodHours: Readonly<Record<Period, number>> = {
  '24h': 24,
  '7d': 7 * 24,
  '30d': 30 * 24,
  '90d': 90 * 24,
  '365d': 365 * 24,
}

/** Reads the state of the page from its address. The period ends with the present hour, so that it can be cached. */
export function readUsageState(search: PageSearch, nowMs = Date.now()): UsageState {
  const period: Period = choose(search['period'], usageTexts.periods, '30d')
  const group = choose(search['group'], usageTexts.groups, 'model')
  const unit = choose(search['unit'], usageTexts.units, period === '24h' ? 'hour' : 'day')
  const metric = choose(search['metric'], usageTexts.metrics, 'cost')
  const zone = search['zone'] ?? 'UTC'
  const filters: Readonly<Partial<Record<Group, string>>> = Object.fromEntries(
    Object.keys(usageTexts.groups).flatMap((name) =>
      search[name] === undefined ? [] : [[name, search[name]]],
    ),
  )
  const untilMs = Math.ceil((nowMs + 1) / hourMs) * hourMs
  const since = new Date(untilMs - periodHours[period] * hourMs).toISOString()
  const query = { ...filters, since, until: new Date(untilMs).toISOString(), timezone: zone }
  return { period, group, unit, metric, zone, filters, query }
}

function choose<Name extends string>(
  value: string | undefined,
  options: Readonly<Record<Name, string>>,
  usual: NoInfer<Name>,
): Name {
  return value !== undefined && Object.hasOwn(options, value) ? (value as Name) : usual // A key of `options`.
}

/**
 * The names of all days or months of the period as the server writes them. Hours are listed in UTC only: elsewhere their
 * names depend on the offset of the day.
 */
export function listTimes({ query, unit, zone }: UsageState): readonly string[] {
  const [sinceMs, untilMs] = [query['since'], query['until']].map((time) => Date.parse(time ?? ''))
  if (sinceMs === undefined || untilMs === undefined || (unit === 'hour' && zone !== 'UTC')) return []
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  const names = new Set<string>()
  for (let ms = sinceMs; ms < untilMs; ms += hourMs) {
    if (unit === 'hour') names.add(`${new Date(ms).toISOString().slice(0, 16)}Z`)
    else names.add(format.format(ms).slice(0, unit === 'day' ? 10 : 7))
  }
  return [...names].slice(-maxTimes)
}

/** More bars than this cannot be told apart. */
const maxTimes = 400
