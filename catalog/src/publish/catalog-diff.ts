import { isRecord } from '../record.ts'

/**
 * Compares two `catalog.json` documents and returns lines for a changelog: added and removed models, then
 * changed facts. Any other input is compared where possible; this never throws.
 *
 * `claude-sonnet-5-5: rate_cards[2026-10-07].standard.cache_read is "0.10", was "0.20"`
 */
export function diffCatalogs(before: unknown, after: unknown): readonly string[] {
  const lines = [
    ...sections.flatMap(({ member, key, noun }) =>
      diffRows(listRows(before, member, key), listRows(after, member, key), noun),
    ),
    ...maps.flatMap(({ member, noun }) =>
      diffRows(toMembers(before, member), toMembers(after, member), noun),
    ),
  ]
  return lines.length > maxLines
    ? [...lines.slice(0, maxLines), `... and ${lines.length - maxLines} more`]
    : lines
}

const maxLines = 2000

const sections = [
  { member: 'models', key: 'id', noun: 'model' },
  { member: 'betas', key: 'value', noun: 'beta' },
  { member: 'retired_ids', key: 'id', noun: 'retired id' },
] as const

const maps = [
  { member: 'aliases', noun: 'alias' },
  { member: 'claude_code_names', noun: 'short name' },
  { member: 'sources', noun: 'source' },
] as const

type Rows = ReadonlyMap<string, unknown>

function diffRows(before: Rows, after: Rows, noun: string): readonly string[] {
  const added = [...after.keys()].filter((key) => !before.has(key)).map((key) => `Added ${noun} ${key}`)
  const removed = [...before.keys()].filter((key) => !after.has(key)).map((key) => `Removed ${noun} ${key}`)
  const changed = [...after.keys()]
    .filter((key) => before.has(key))
    .flatMap((key) => diffValues(before.get(key), after.get(key), '').map((change) => `${key}: ${change}`))
  return [...added, ...removed, ...changed]
}

/** Documents are a few levels deep; anything deeper is compared as text. */
const maxDepth = 12

function diffValues(before: unknown, after: unknown, path: string, depth = 0): readonly string[] {
  if (depth < maxDepth && isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...names].flatMap((name) =>
      diffValues(before[name], after[name], path === '' ? name : `${path}.${name}`, depth + 1),
    )
  }
  if (depth < maxDepth && Array.isArray(before) && Array.isArray(after))
    return diffLists(before, after, path, depth)
  const [was, is] = [show(before), show(after)]
  if (was === is) return []
  if (before === undefined) return [`${path} is ${is}, was not there`]
  return after === undefined ? [`${path} is gone, was ${was}`] : [`${path} is ${is}, was ${was}`]
}

/** Series are matched by their days, so a new card does not change all others; plain lists are compared whole. */
function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  depth: number,
): readonly string[] {
  const [old, now] = [byDay(before), byDay(after)]
  if (old !== null && now !== null) {
    const days = new Set([...old.keys(), ...now.keys()])
    return [...days].flatMap((day) => diffValues(old.get(day), now.get(day), `${path}[${day}]`, depth + 1))
  }
  const gone = before.map(show).filter((text) => !after.map(show).includes(text))
  const come = after.map(show).filter((text) => !before.map(show).includes(text))
  if (gone.length === 0 && come.length === 0)
    return show(before) === show(after) ? [] : [`${path} is in another order`]
  return [
    ...come.map((text) => `${path} has ${text}`),
    ...gone.map((text) => `${path} no longer has ${text}`),
  ]
}

function byDay(list: readonly unknown[]): Rows | null {
  const rows = new Map(list.map((each) => [isRecord(each) ? each['from'] : undefined, each]))
  const days = [...rows.keys()]
  // Duplicate or missing days: not an effective-dated series.
  if (rows.size !== list.length || !days.every((day) => typeof day === 'string')) return null
  return new Map([...rows].map(([day, each]) => [String(day), each]))
}

function listRows(document: unknown, member: string, key: string): Rows {
  const list = isRecord(document) ? document[member] : []
  const rows = Array.isArray(list) ? list.filter(isRecord) : []
  return new Map(rows.map((row) => [String(row[key]), row]))
}

function toMembers(document: unknown, member: string): Rows {
  const found = isRecord(document) ? document[member] : undefined
  return new Map(isRecord(found) ? Object.entries(found) : [])
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text
}

const maxShown = 300
