import { addExactly, allDimensions, createGroup, rollupDimensions, rollupSpans } from './rollup.ts'
import type { RollupChange, RollupDimension, RollupGroup } from './rollup.ts'

/**
 * Coarser sums, which are derived from those of the hours once an hour is over. A year has so many combinations of
 * hour, key, model and label that a report over all of them would take seconds.
 */
export interface RollupLevel {
  /** The value of `span` in the table. */
  readonly span: string
  readonly unit: 'hour' | 'day' | 'month'
  readonly dimensions: readonly RollupDimension[]
}

const shared = ['model', 'workspace_id', 'upstream', 'platform', 'protocol'] as const

/** Every report counts the outcomes, so every level has them. Levels of one unit are in the order of their groups, the fewest first. */
export const rollupLevels: readonly RollupLevel[] = [
  createLevel('hour', []),
  createLevel('hour', ['upstream']),
  createLevel('hour', ['model']),
  createLevel('hour', ['workspace_id']),
  createLevel('hour', ['labels']),
  createLevel('hour', shared),
  createLevel('hour', ['member_id']),
  createLevel('hour', ['key_id']),
  createLevel('day', shared),
  createLevel('day', ['member_id']),
  createLevel('day', ['key_id']),
  { span: 'day', unit: 'day', dimensions: rollupDimensions },
  { span: 'month', unit: 'month', dimensions: rollupDimensions },
]

function createLevel(unit: 'hour' | 'day', dimensions: readonly RollupDimension[]): RollupLevel {
  const named = [...dimensions, 'outcome' as const]
  return { span: `${unit}/${named.join(',')}`, unit, dimensions: named }
}

/** The level of the groups that a span has; hours and days of the same dimensions share their groups. */
export function getGroupLevel({ span, dimensions }: RollupLevel): string {
  return dimensions === rollupDimensions ? allDimensions : span.slice(span.indexOf('/') + 1)
}

/** Returns a function that finds the group of a level to which a group with all dimensions belongs. */
function createProjection(level: RollupLevel): (group: RollupGroup) => RollupGroup {
  if (level.dimensions === rollupDimensions) return (group) => group
  const name = getGroupLevel(level)
  const isKept = rollupDimensions.map((dimension) => level.dimensions.includes(dimension))
  // Many groups belong to one of the level, and its id is a hash.
  const byId = new Map<bigint, RollupGroup>()
  const byName = new Map<string, RollupGroup>()
  return (group) => {
    const known = byId.get(group.id)
    if (known !== undefined) return known
    const dimensions = group.dimensions.map((value, at) => (isKept[at] ? value : ''))
    const place = dimensions.join('\u0000')
    const found = byName.get(place) ?? createGroup(name, dimensions)
    if (byId.size >= maxGroups) for (const cache of [byId, byName]) cache.clear()
    byName.set(place, found)
    byId.set(group.id, found)
    return found
  }
}

/** The largest number of groups of one level that are kept. */
const maxGroups = 20_000

const projections = rollupLevels.map(createProjection)

/** The start of the hour, day or month (UTC) that an hour belongs to. */
export function findUnitStart(hourMs: number, unit: RollupLevel['unit']): number {
  if (unit === 'hour') return hourMs
  if (unit === 'day') return Math.floor(hourMs / rollupSpans.day) * rollupSpans.day
  const date = new Date(hourMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

/** A change of one row of a level. */
export type LevelChange = Omit<RollupChange, 'hourMs'> & { readonly span: string; readonly startMs: number }

/** The changes of the coarser levels that follow from changes of hours. */
export function deriveChanges(changes: readonly RollupChange[]): readonly LevelChange[] {
  return rollupLevels.flatMap((level, at) => deriveLevel(changes, level, projections[at]!))
}

function deriveLevel(
  changes: readonly RollupChange[],
  { span, unit }: RollupLevel,
  project: (group: RollupGroup) => RollupGroup,
): readonly LevelChange[] {
  const sums = new Map<number, Map<RollupGroup, (number | bigint)[]>>()
  const derived: LevelChange[] = []
  for (const { hourMs, group: full, measures, isAlone } of changes) {
    const group = project(full)
    const startMs = findUnitStart(hourMs, unit)
    if (isAlone) {
      derived.push({ span, startMs, group, measures, isAlone })
      continue
    }
    let groups = sums.get(startMs)
    if (groups === undefined) sums.set(startMs, (groups = new Map()))
    const sum = groups.get(group)
    if (sum === undefined) groups.set(group, [...measures])
    else for (let at = 0; at < sum.length; at += 1) sum[at] = addExactly(sum[at]!, measures[at]!)
  }
  for (const [startMs, groups] of sums)
    for (const [group, measures] of groups) derived.push({ span, startMs, group, measures, isAlone: false })
  return derived
}

/** A stored measure as a number where that is exact. */
export function readMeasure(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
