import { createHash } from 'node:crypto'

import { components, parseRowId } from './call-row.ts'
import type { Component } from './call-row.ts'
import { callColumns, parseLines } from './row-codec.ts'
import type { ColumnValue } from './row-codec.ts'

/** The columns of a call by which usage is summed. A missing value is the empty text. */
export const rollupDimensions = [
  'model',
  'key_id',
  'workspace_id',
  'member_id',
  'upstream',
  'platform',
  'protocol',
  'outcome',
  'usage_source',
  'labels',
] as const

export type RollupDimension = (typeof rollupDimensions)[number]

const counts = ['calls', 'attempts', 'unpriced', 'estimated'] as const

/** The columns of a call that are added up: tokens and requests by component, and money in nano-dollars. */
export const summedColumns = [
  ...components.map((name) => `${name}_quantity` as const),
  ...components.map((name) => `${name}_nano_usd` as const),
  'cost_nano_usd' as const,
]

/** A sum of a rollup. */
export type RollupMeasure =
  | (typeof counts)[number]
  | `${Component}_quantity`
  | `${Component}_nano_usd`
  | 'cost_nano_usd'

/** All sums of a rollup. */
export const rollupMeasures: readonly RollupMeasure[] = [...counts, ...summedColumns]

/** Sums in the order of `rollupMeasures`: numbers where they are exact. */
export type Measures = readonly (number | bigint)[]

/** The places of the measures. */
export const measureAt = Object.fromEntries(rollupMeasures.map((name, at) => [name, at])) as Readonly<
  Record<RollupMeasure, number>
> // It has every name.

export function getMeasure(measures: Measures, name: RollupMeasure): bigint {
  return BigInt(measures[measureAt[name]] ?? 0)
}

/** Adds measures to a sum, which is empty at first. */
export function addMeasures(sum: (number | bigint)[], measures: Measures): void {
  for (let at = 0; at < rollupMeasures.length; at += 1) sum[at] = addExactly(sum[at] ?? 0, measures[at] ?? 0)
}

/** Numbers add up several times faster than 64-bit integers; a sum that a number cannot hold becomes one of these. */
export function addExactly(one: number | bigint, other: number | bigint): number | bigint {
  if (typeof one === 'number' && typeof other === 'number') {
    const sum = one + other
    if (Number.isSafeInteger(sum)) return sum
  }
  return BigInt(one) + BigInt(other)
}

/** The lengths of hours and days in milliseconds. They begin at whole hours and days in UTC. */
export const rollupSpans = { hour: 3_600_000, day: 86_400_000 } as const

/** A combination of dimensions in one level. */
export interface RollupGroup {
  /** A hash of the level and the dimensions, so that every process knows it without asking the store. */
  readonly id: bigint
  /** `all`, or the name of a level with fewer dimensions. */
  readonly level: string
  /** In the order of `rollupDimensions`; empty for those that the level does not have. */
  readonly dimensions: readonly string[]
}

/** Sums to be added to those of one hour. */
export interface RollupChange {
  readonly hourMs: number
  readonly group: RollupGroup
  /** In the order of `rollupMeasures`. */
  readonly measures: readonly (number | bigint)[]
  /**
   * True if the sums are those of one call with absurd values. They need a row of their own: added to others they
   * could exceed 64 bits.
   */
  readonly isAlone: boolean
}

/** A call as the values of `callColumns`. */
export type CallValues = readonly ColumnValue[]

/**
 * Adds up calls by hour and group. The calls in `removed` are subtracted: rows that others replace. Rows without an
 * outcome still run and do not count.
 */
export function sumRollups(
  added: Iterable<CallValues>,
  removed: Iterable<CallValues> = [],
): readonly RollupChange[] {
  const sums = new Map<string, { hourMs: number; group: RollupGroup; measures: number[] }>()
  const alone: RollupChange[] = []
  const fold = (values: CallValues, sign: 1 | -1) => {
    if (values[positions.outcome] === null) return
    const startMs = Number(values[positions.started_at_ms])
    const hourMs = Math.floor(startMs / rollupSpans.hour) * rollupSpans.hour
    const name = getDimensions(values).join(separator)
    const group = findGroup(name, values)
    const measures = measure(values)
    if (measures.some((value) => typeof value === 'bigint')) {
      const signed = measures.map((value) => BigInt(value) * BigInt(sign))
      alone.push({ hourMs, group, measures: signed, isAlone: true })
      return
    }
    const place = `${hourMs}${separator}${name}`
    const sum = sums.get(place)
    // `measure` returned no bigint.
    const own = measures as number[]
    if (sum === undefined) sums.set(place, { hourMs, group, measures: own.map((value) => value * sign) })
    else for (let at = 0; at < own.length; at += 1) sum.measures[at]! += own[at]! * sign
  }
  for (const values of added) fold(values, 1)
  for (const values of removed) fold(values, -1)
  const changed = [...sums.values()].filter(({ measures }) => measures.some((value) => value !== 0))
  return [...changed.map((sum) => ({ ...sum, isAlone: false })), ...dropOpposites(alone)]
}

/** A call that is stored a second time is removed and added: its absurd values cancel out. */
function dropOpposites(alone: readonly RollupChange[]): readonly RollupChange[] {
  const left: RollupChange[] = []
  for (const change of alone) {
    const opposite = left.findIndex(
      ({ hourMs, group, measures }) =>
        hourMs === change.hourMs &&
        group.id === change.group.id &&
        measures.every((value, at) => BigInt(value) === -BigInt(change.measures[at] ?? 0)),
    )
    if (opposite < 0) left.push(change)
    else left.splice(opposite, 1)
  }
  return left
}

/**
 * Values up to these bounds are added up: 2^33 tokens and 2^38 nano-dollars (275 USD) in one call. A sum exceeds 64
 * bits only after more than 30 million calls at a bound, in one hour or day and of one group.
 */
const maxSummedQuantity = 2 ** 33
const maxSummedNanoUsd = 2 ** 38

/** The sums of one call; contains a bigint if one of its values must not be added to others. */
function measure(values: CallValues): (number | bigint)[] {
  const isCall = parseRowId(String(values[positions.id])).attempt === null
  const cost = values[positions.cost_nano_usd] ?? null
  const hasUsage = values[positions.usage] !== null || values[positions.outcome] === 'answered'
  const isUnpriced = values[positions.unpriced_because] !== null || (cost === null && hasUsage)
  const measures: (number | bigint)[] = [
    Number(isCall),
    isCall ? Number(values[positions.attempts] ?? 0) : 0,
    Number(isUnpriced),
    Number(values[positions.usage_source] === 'estimated'),
  ]
  const lines = parseLines(values[positions.lines] ?? null)
  for (const name of components) measures.push(bound(lines[name]?.quantity ?? 0, maxSummedQuantity))
  for (const name of components) measures.push(bound(lines[name]?.nanoUsd ?? 0, maxSummedNanoUsd))
  measures.push(bound(cost ?? 0, maxSummedNanoUsd))
  return measures
}

/** A bigint for a value that must not be added to others. */
function bound(value: number | string, max: number): number | bigint {
  const number = Number(value)
  return number <= max && number >= -max ? number : clampInteger(BigInt(value))
}

/** No store holds more than 64 bits; an upstream's absurd usage must not make every commit of its call fail. */
export function clampInteger(value: bigint): bigint {
  return value > maxInteger ? maxInteger : value
}

const maxInteger = 2n ** 63n - 1n

function getDimensions(values: CallValues): readonly string[] {
  return dimensionPositions.map((at) => values[at]?.toString() || emptyDimension(at))
}

/** Rows of older versions have no workspace; their keys are in the default one. */
function emptyDimension(at: number): string {
  return at === positions.workspace_id ? 'default' : ''
}

/** Hashing costs more than all else here, and a server has few groups. */
const groups = new Map<string, RollupGroup>()
const maxGroups = 20_000

function findGroup(name: string, values: CallValues): RollupGroup {
  const known = groups.get(name)
  if (known !== undefined) return known
  const dimensions = getDimensions(values)
  const group = createGroup(allDimensions, dimensions)
  if (groups.size >= maxGroups) groups.clear()
  groups.set(name, group)
  return group
}

/** The level of groups with all dimensions. */
export const allDimensions = 'all'

/** The id is 63 bits of SHA-256: of a million groups, two have the same id with a probability of 1 in 10 million. */
export function createGroup(level: string, dimensions: readonly string[]): RollupGroup {
  const digest = createHash('sha256')
    .update(JSON.stringify([level, ...dimensions]))
    .digest()
  return { id: digest.readBigUInt64BE() >> 1n, level, dimensions }
}

/** No dimension contains a control character: JSON escapes them, and the other values are names and ids. */
const separator = '\u0000'

const positions = {
  id: findColumn('id'),
  started_at_ms: findColumn('started_at_ms'),
  outcome: findColumn('outcome'),
  attempts: findColumn('attempts'),
  usage: findColumn('usage'),
  usage_source: findColumn('usage_source'),
  unpriced_because: findColumn('unpriced_because'),
  cost_nano_usd: findColumn('cost_nano_usd'),
  lines: findColumn('lines'),
  workspace_id: findColumn('workspace_id'),
}
const dimensionPositions = rollupDimensions.map(findColumn)

function findColumn(name: string): number {
  return callColumns.indexOf(name)
}
