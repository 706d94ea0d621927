import { isLabel, isTime } from './usage-state.ts'
import type { Group, UsageState } from './usage-state.ts'

/** The address state of the page of calls: the filters with which it lists the calls of a number. */
export type CallsSearch = Readonly<Record<string, string | undefined>>

/** The calls of one value of a dimension, within the filters and the period of the page. */
export function findCallsOfValue(state: UsageState, group: Group, value: string): CallsSearch {
  const { since, until } = state.query
  return { ...state.filters, ...createFilter(group, value), since, until }
}

/** The calls of a bar of the chart; null for calls without a value, and for several values in one. */
export function findCallsOfBar(state: UsageState, value: string | null): CallsSearch | null {
  const { unit, zone, filters, query } = state
  if (value === null) return null
  if (!isTime(unit)) return findCallsOfValue(state, unit, value)
  const span = findSpan(value, zone)
  if (span === null) return null
  // The first and the last bar are cut by the period.
  const [sinceMs, untilMs] = [query['since'], query['until']].map((time) => Date.parse(time ?? ''))
  return {
    ...filters,
    since: new Date(Math.max(span.startMs, sinceMs ?? 0)).toISOString(),
    until: new Date(Math.min(span.endMs, untilMs ?? Infinity)).toISOString(),
  }
}

function createFilter(group: Group, value: string): CallsSearch {
  return isLabel(group) ? { label: `${group.slice('label:'.length)}=${value}` } : { [group]: value }
}

const hourMs = 3_600_000

/** The span of an hour (`2026-11-29T05:00Z`), a day or a month as the server writes them; null: none of these, or no zone. */
export function findSpan(
  name: string,
  zone: string,
): { readonly startMs: number; readonly endMs: number } | null {
  const hour = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/.test(name) ? Date.parse(name) : Number.NaN
  if (!Number.isNaN(hour)) return { startMs: hour, endMs: hour + hourMs }
  const [, year, month, day] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(name) ?? []
  if (year === undefined || !isZone(zone)) return null
  const first = { year: Number(year), month: Number(month), day: Number(day ?? 1) }
  const next = day === undefined ? { ...first, month: first.month + 1 } : { ...first, day: first.day + 1 }
  return { startMs: findMidnight(first, zone), endMs: findMidnight(next, zone) }
}

/** The zone of an address may be any text. */
function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

const stepMs = hourMs / 4

/** The first quarter of an hour of a day in a time zone; offsets are multiples of it. */
function findMidnight({ year, month, day }: Day, zone: string): number {
  const utcMs = Date.UTC(year, month - 1, day)
  const wanted = new Date(utcMs).toISOString().slice(0, 10)
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  for (let ms = utcMs - 15 * hourMs; ms <= utcMs + 15 * hourMs; ms += stepMs)
    if (format.format(ms) >= wanted) return ms
  return utcMs
}
