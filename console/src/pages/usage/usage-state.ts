import type { PageSearch } from '../../app/router.tsx'
import { usageTexts } from '../../texts/usage.ts'
import type { Metric } from './pivot.ts'

export type Period = keyof typeof usageTexts.periods
export type FilterName = keyof typeof usageTexts.groups
/** A dimension of usage: one of the table, or `label:NAME`. */
export type Group = FilterName | `label:${string}`
/** The calls that were sent to upstreams, or those that the gateway rejected before. */
export type View = 'used' | 'rejected'
export type Unit = keyof typeof usageTexts.units

export interface UsageState {
  readonly view: View
  readonly period: Period
  /** The series of the chart, and the rows of the table. */
  readonly group: Group
  /** The bars of the chart: a unit of time, or a second dimension. */
  readonly unit: Unit | Group
  readonly metric: Metric
  readonly zone: string
  readonly filters: Readonly<Partial<Record<FilterName, string>>>
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

/** More hours than this cannot be told apart in a chart, and their rows are a large answer. */
const maxHours = 7 * 24

const monthHours = 30 * 24

/** Reads the state of the page from its address. The period ends with the present hour, so that it can be cached. */
export function readUsageState(search: PageSearch, nowMs = Date.now()): UsageState {
  const period: Period = choose(search['period'], usageTexts.periods, '30d')
  const view = search['view'] === 'rejected' ? 'rejected' : 'used'
  const group = readGroup(search['group']) ?? 'model'
  const metric = choose(search['metric'], usageTexts.metrics, 'cost')
  const zone = search['zone'] ?? 'UTC'
  const filters: Readonly<Partial<Record<FilterName, string>>> = Object.fromEntries(
    Object.keys(usageTexts.groups).flatMap((name) =>
      search[name] === undefined ? [] : [[name, search[name]]],
    ),
  )
  const untilMs = Math.ceil((nowMs + 1) / hourMs) * hourMs
  const since = new Date(untilMs - periodHours[period] * hourMs).toISOString()
  const query = { ...filters, since, until: new Date(untilMs).toISOString(), timezone: zone }
  return {
    view,
    period,
    group,
    unit: readUnit(search['unit'], { period, group }),
    metric,
    zone,
    filters,
    query,
  }
}

function readUnit(
  value: string | undefined,
  { period, group }: Pick<UsageState, 'period' | 'group'>,
): UsageState['unit'] {
  const dimension = readGroup(value)
  if (dimension !== null && dimension !== group) return dimension
  const units = listUnits(period)
  return units.find((unit) => unit === value) ?? units[0] ?? 'day'
}

/** The units of time that suit a period, the usual one first. */
export function listUnits(period: Period): readonly Unit[] {
  const hours = periodHours[period]
  if (hours <= 24) return ['hour']
  if (hours <= maxHours) return ['day', 'hour']
  return hours < monthHours * 2 ? ['day'] : ['day', 'month']
}

function readGroup(value: string | undefined): Group | null {
  if (value === undefined) return null
  if (/^label:.{1,100}$/.test(value)) return value as Group // The pattern of a label.
  return Object.hasOwn(usageTexts.groups, value) ? (value as Group) : null // A key of the table.
}

export function isTime(unit: UsageState['unit']): unit is Unit {
  return Object.hasOwn(usageTexts.units, unit)
}

/** The name of a dimension or of a unit of time. */
export function nameGroup(group: UsageState['unit']): string {
  if (isTime(group)) return usageTexts.units[group]
  if (isLabel(group)) return usageTexts.label(group.slice('label:'.length))
  return usageTexts.groups[group]
}

export function isLabel(group: Group): group is `label:${string}` {
  return group.startsWith('label:')
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
 * names depend on the offset of the day. Empty for a dimension, whose values only the server knows.
 */
export function listTimes({ query, unit, zone }: UsageState): readonly string[] {
  const [sinceMs, untilMs] = [query['since'], query['until']].map((time) => Date.parse(time ?? ''))
  if (sinceMs === undefined || untilMs === undefined) return []
  if (!isTime(unit) || (unit === 'hour' && zone !== 'UTC')) return []
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  const names = new Set<string>()
  for (let ms = sinceMs; ms < untilMs; ms += hourMs) {
    if (unit === 'hour') names.add(`${new Date(ms).toISOString().slice(0, 16)}Z`)
    else names.add(format.format(ms).slice(0, unit === 'day' ? 10 : 7))
  }
  return [...names]
}

/** Rows of the table; the values beyond are one row. */
const maxRows = 500
/** Values of a second dimension, which are bars of the chart and columns of its table. */
const maxBars = 24
/** Series of a chart over time, besides the one of all others. */
const maxSeries = 7

/** Rows of a chart: a year of days with eight series has 2,928. */
const maxPoints = 5_000

/** Whether rejected calls, which have a key and no other facts, can be filtered by a dimension. */
export function isRejectedFilter(name: FilterName): boolean {
  return name === 'key' || name === 'workspace' || name === 'member'
}

/** The parameters of the report of rejected calls. */
export function createRejectedQuery({ filters, query }: UsageState) {
  const { key, workspace, member } = filters
  return { since: query['since'], until: query['until'], key, workspace, member }
}

/** The shortest period that has a time. */
export function findPeriod(time: string, nowMs = Date.now()): Period {
  const hours = (nowMs - Date.parse(time)) / hourMs
  const names = Object.keys(periodHours) as Period[] // The keys of a constant.
  return names.find((name) => periodHours[name] >= hours) ?? '365d'
}

/** The parameters of the two reports of the page. Each has a bound, however many keys or models there are. */
export function listQueries({ group, unit, query }: UsageState) {
  return {
    sums: { ...query, by: [group], top: maxRows },
    chart: { ...query, by: [group, unit], top: isTime(unit) ? maxSeries : maxBars, limit: maxPoints },
  }
}
