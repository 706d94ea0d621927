import type { Price, PriceLine } from '@anthology/catalog'

import { components } from './call-row.ts'
import type { CallEnd, CallStart, Component } from './call-row.ts'
import type { ResourceChange } from '../resources/resource.ts'
import type { RejectedCalls } from './rejected-calls.ts'

// A batch of rows is one JSON text, with values in column order: a message between
// threads or processes costs the same for one row as for a hundred, and cloning
// nested objects costs several times as much as JSON.

/** A value for SQLite. An integer above 2^53 is text, which a STRICT column converts exactly. */
export type ColumnValue = string | number | null

/** The columns that are known before the upstream is called; the first is the call's id. */
export const startColumns = [
  'id',
  'started_at_ms',
  'protocol',
  'key_id',
  'requested_model',
  'model',
  'upstream',
  'platform',
  'streamed',
  'session_id',
  'agent_id',
  'parent_agent_id',
  'workspace_id',
  'member_id',
  'labels',
  'hold_nano_usd',
  'process_id',
] as const satisfies readonly (keyof CallStart)[]

const endColumns = [
  'outcome',
  'status',
  'attempts',
  'stop_reason',
  'error_type',
  'message_id',
  'upstream_request_id',
  'first_byte_ms',
  'first_token_ms',
  'total_ms',
  'usage',
  'usage_source',
] as const satisfies readonly (keyof CallEnd)[]

const priceColumns = ['rate_card', 'unpriced_because', 'cost_nano_usd', 'lines'] as const

/** All columns of a call that has ended, in the order of its values. */
export const callColumns: readonly string[] = [...startColumns, ...endColumns, ...priceColumns, 'details']

/** All columns but `details`, which can be larger than all others together, and which only single calls show. */
export const callFactColumns: readonly string[] = callColumns.filter((name) => name !== 'details')

/** The columns of the view `all_calls` without `details`: each component has three of its own in place of `lines`. */
export const callViewColumns: readonly string[] = [
  ...callFactColumns.filter((name) => name !== 'lines'),
  ...components.flatMap((name) => [`${name}_quantity`, `${name}_pico_usd`, `${name}_nano_usd`]),
]

export interface EndedCall {
  readonly start: CallStart
  readonly end: CallEnd
}

/** The writes of one process in one turn of its event loop: one record of its journal. */
export interface RowBatch {
  /** Calls that run, in the order of `startColumns`. */
  readonly starts: readonly (readonly ColumnValue[])[]
  /** Calls that have ended, in the order of `callColumns`. */
  readonly calls: readonly (readonly ColumnValue[])[]
  readonly changes: readonly ResourceChange[]
  readonly rejections: readonly RejectedCalls[]
}

export function encodeBatch(
  starts: Iterable<CallStart>,
  ended: readonly EndedCall[],
  changes: readonly ResourceChange[],
  rejections: readonly RejectedCalls[] = [],
): string {
  const batch: RowBatch = {
    starts: Array.from(starts, getStartValues),
    calls: ended.map(getCallValues),
    changes,
    rejections,
  }
  return JSON.stringify(batch)
}

export function decodeBatch(text: string): RowBatch {
  return JSON.parse(text) as RowBatch // Written by `encodeBatch`.
}

function getStartValues(start: CallStart): ColumnValue[] {
  const values: ColumnValue[] = []
  for (const name of startColumns) values.push(name === 'streamed' ? Number(start.streamed) : start[name])
  return values
}

function getCallValues({ start, end }: EndedCall): ColumnValue[] {
  const values = getStartValues(start)
  for (const name of endColumns) values.push(name === 'usage' ? end.usage : shorten(end[name]))
  appendPrice(values, end.price)
  values.push(end.details)
  return values
}

function appendPrice(values: ColumnValue[], price: Price | null): void {
  if (price === null) return void values.push(null, null, null, null)
  if (!price.ok || price.totalNanoUsd > maxSqliteInteger) {
    const because = price.ok ? 'the cost is larger than the ledger can hold' : shorten(price.detail)
    return void values.push(null, because, null, null)
  }
  const because = price.unpriced.length > 0 ? `without a price: ${price.unpriced.join(', ')}` : null
  values.push(price.rateCard, because, encodeInteger(price.totalNanoUsd), encodeLines(price.lines))
}

/**
 * The lines of a price as JSON: quantity, price of one unit in pico-dollars and cost in nano-dollars, by component.
 * Most calls have two of the six components. The integers keep their 64 bits: SQLite and PostgreSQL read them so.
 */
function encodeLines(lines: readonly PriceLine[]): string | null {
  if (lines.length === 0) return null
  const members = mergeModels(lines).map(
    ({ component, quantity, picoUsdPerUnit, costNanoUsd }) =>
      `"${component}":[${quantity},${picoUsdPerUnit},${costNanoUsd}]`,
  )
  return `{${members.join(',')}}`
}

/** Reads the column `lines`. An integer that a number does not hold is text. */
export function parseLines(lines: ColumnValue): Partial<Record<Component, LineSums>> {
  if (typeof lines !== 'string') return {}
  const members = JSON.parse(lines) as Partial<Record<Component, [number, number | null, number]>> // Written by `encodeLines`.
  const found: Partial<Record<Component, LineSums>> = {}
  for (const name of components) {
    const values = members[name]
    if (values === undefined) continue
    const [quantity, , nanoUsd] = values
    if (!Number.isSafeInteger(quantity) || !Number.isSafeInteger(nanoUsd)) return parseLargeLines(lines)
    found[name] = { quantity, nanoUsd }
  }
  return found
}

function parseLargeLines(lines: string): Partial<Record<Component, LineSums>> {
  const found: Partial<Record<Component, LineSums>> = {}
  for (const [, name = '', quantity = '', nanoUsd = ''] of lines.matchAll(linePattern))
    found[name as Component] = { quantity, nanoUsd } // Written by `encodeLines`.
  return found
}

const linePattern = /"(\w+)":\[(-?\d+),(?:-?\d+|null),(-?\d+)\]/g

interface LineSums {
  readonly quantity: number | string
  readonly nanoUsd: number | string
}

interface StoredLine extends Pick<PriceLine, 'component' | 'quantity' | 'costNanoUsd'> {
  /** Null where models with different prices ran. */
  readonly picoUsdPerUnit: bigint | null
}

/** A row has one line for each component; nearly every call has only one model's. */
function mergeModels(lines: readonly PriceLine[]): readonly StoredLine[] {
  if (lines.every(({ model }) => model === undefined)) return lines
  const merged = new Map<string, StoredLine>()
  for (const line of lines) {
    const known = merged.get(line.component) ?? { ...line, quantity: 0n, costNanoUsd: 0n }
    merged.set(line.component, {
      component: line.component,
      quantity: known.quantity + line.quantity,
      costNanoUsd: known.costNanoUsd + line.costNanoUsd,
      picoUsdPerUnit: known.picoUsdPerUnit === line.picoUsdPerUnit ? line.picoUsdPerUnit : null,
    })
  }
  return [...merged.values()]
}

/** An upstream can send any text as an id or a reason. */
function shorten(value: ColumnValue): ColumnValue {
  return typeof value === 'string' ? value.slice(0, maxTextLength) : value
}

const maxTextLength = 1_024

/** A larger value, from an upstream's absurd usage, would make every commit of its row fail. */
const maxSqliteInteger = 2n ** 63n - 1n

const maxSafeInteger = BigInt(Number.MAX_SAFE_INTEGER)

function encodeInteger(value: bigint): ColumnValue {
  return value <= maxSafeInteger ? Number(value) : value.toString()
}
