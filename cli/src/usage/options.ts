import { isDay, resolve } from '@anthology/catalog'
import { filterValues, findCalendarStart, groupings, isTimeZone } from '@anthology/gateway'
import type { CallFilter, Grouping, OwnerNames, Period } from '@anthology/gateway'

import { UsageError, getText, listTexts } from '../command.ts'
import type { Option, Values } from '../command.ts'

/** The options that choose calls. */
export const filterOptions = {
  since: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD' },
  until: { type: 'string', value: 'DAY', help: 'last day, YYYY-MM-DD' },
  tz: { type: 'string', value: 'ZONE', help: 'time zone of days, hours and months (default UTC)' },
  model: { type: 'string', value: 'MODEL', help: 'calls of this model, by any of its names' },
  key: { type: 'string', value: 'KEY', help: 'calls of this key, by name or id' },
  workspace: { type: 'string', value: 'NAME', help: 'calls of this workspace, by name or id' },
  member: { type: 'string', value: 'NAME', help: 'calls of this member, by name or id' },
  upstream: { type: 'string', value: 'NAME', help: 'calls of this upstream' },
  platform: {
    type: 'string',
    value: 'NAME',
    help: `calls of this platform: ${filterValues.platform.join(', ')}`,
  },
  protocol: {
    type: 'string',
    value: 'NAME',
    help: `calls by this protocol: ${filterValues.protocol.join(', ')}`,
  },
  outcome: {
    type: 'string',
    value: 'NAME',
    help: `calls with this outcome: ${filterValues.outcome.join(', ')}`,
  },
  label: { type: 'string', value: 'NAME=VALUE', multiple: true, help: 'calls with this label' },
} as const satisfies Record<string, Option>

/** The given options that choose calls by something else than their time. */
export function listFilters(values: Values): readonly string[] {
  return Object.keys(filterOptions).filter(
    (name) => !['since', 'until', 'tz'].includes(name) && values[name] !== undefined,
  )
}

export function hasFilter(values: Values): boolean {
  return listFilters(values).length > 0
}

/** Ids in place of names. A name that nothing has is taken as an id: keys of the configuration are not stored. */
export function readFilter(values: Values, names: OwnerNames): CallFilter {
  const filter: Record<string, string> = {}
  const upstream = getText(values, 'upstream')
  if (upstream !== undefined) filter['upstream'] = upstream
  Object.assign(filter, readChoices(values))
  for (const name of ['key', 'workspace', 'member'] as const) {
    const text = getText(values, name)
    if (text !== undefined) filter[name] = findId(text, names[name])
  }
  const model = getText(values, 'model')
  if (model !== undefined) filter['model'] = findModelId(model)
  const labels = readLabels(listTexts(values, 'label'))
  return labels === null ? filter : { ...filter, labels }
}

/** The filters that have few values. Throws a UsageError for any other value. */
export function readChoices(values: Values): Readonly<Record<string, string>> {
  const given = choices.flatMap((name) => {
    const text = getText(values, name)
    return text === undefined ? [] : [[name, text] as const]
  })
  for (const [name, text] of given)
    if (!filterValues[name].includes(text))
      throw new UsageError(
        `no call has the ${name} ${JSON.stringify(text)}`,
        `Choose one of ${filterValues[name].join(', ')}.`,
      )
  return Object.fromEntries(given)
}

const choices = ['platform', 'protocol', 'outcome'] as const

/** The id of a name; a name that nothing has is taken as an id. */
export function findId(text: string, names: ReadonlyMap<string, string>): string {
  if (names.has(text)) return text
  const ids = [...names].filter(([, name]) => name === text).map(([id]) => id)
  if (ids.length > 1)
    throw new UsageError(`${ids.length} have the name ${text}`, `Choose one of the ids ${ids.join(', ')}.`)
  return ids[0] ?? text
}

function findModelId(text: string): string {
  const found = resolve(text)
  return found.ok ? found.model.id : text
}

function readLabels(texts: readonly string[]): Record<string, string> | null {
  if (texts.length === 0) return null
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1)
        throw new UsageError(
          `--label needs NAME=VALUE, not ${JSON.stringify(text)}`,
          'For example project=apollo.',
        )
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

export function readTimeZone(values: Values): string {
  const zone = getText(values, 'tz') ?? 'UTC'
  if (isTimeZone(zone)) return zone
  throw new UsageError(
    `${JSON.stringify(zone)} is not a time zone`,
    'Write it as Europe/Berlin, by its IANA name.',
  )
}

/** The end of time, for a period without an end. */
export const maxMs = 8_640_000_000_000_000

/** Both days are included. They are days of the time zone. */
export function readPeriod(values: Values, timeZone: string): Period {
  const since = getText(values, 'since')
  const until = getText(values, 'until')
  const sinceMs = since === undefined ? 0 : findCalendarStart(readDay(since), timeZone)
  const untilMs = until === undefined ? maxMs : findCalendarStart(addDay(readDay(until)), timeZone)
  if (untilMs > sinceMs) return { sinceMs, untilMs }
  throw new UsageError(`--until ${until} is before --since ${since}`, 'Both days are included.')
}

function readDay(text: string): string {
  if (isDay(text)) return text
  throw new UsageError(`${JSON.stringify(text)} is not a day`, 'Write it as 2026-11-22.')
}

function addDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** One or two groupings, separated by a comma. */
export function readGroupings(values: Values): readonly Grouping[] {
  const text = getText(values, 'by') ?? 'model'
  const names = text.split(',')
  if (names.length > 2 || new Set(names).size !== names.length)
    throw new UsageError(
      `usage cannot be grouped by ${JSON.stringify(text)}`,
      'Name one grouping, or two different ones: --by day,model.',
    )
  return names.map(readGrouping)
}

function readGrouping(name: string): Grouping {
  const known = groupings.find((grouping) => grouping === name)
  if (known !== undefined) return known
  if (/^label:./.test(name)) return name as `label:${string}` // As tested.
  throw new UsageError(
    `usage cannot be grouped by ${JSON.stringify(name)}`,
    `Choose one or two of ${groupings.join(', ')}, label:NAME.`,
  )
}
