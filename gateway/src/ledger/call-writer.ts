import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

import type { Price } from '@anthology/catalog'

import { type CallEnd, type CallRow, type CallStart, components } from './call-row.ts'

/** Writes rows inside one transaction; a row that was begun earlier is completed. */
export function createCallWriter(database: DatabaseSync): (rows: readonly CallRow[]) => void {
  const names = [...startColumns, ...endColumns, ...priceColumns]
  const updates = [...endColumns, ...priceColumns].map((name) => `${name} = excluded.${name}`)
  const upsert = database.prepare(
    `INSERT INTO calls (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`,
  )

  return (rows) => {
    // Begun and ended within one batch is the usual case for short calls: the end says it all.
    const ended = new Set(rows.filter((row) => row.end !== null).map((row) => row.start.id))
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const row of rows) {
        if (row.end === null && ended.has(row.start.id)) continue
        upsert.run(...startValues(row.start), ...endValues(row.end), ...priceValues(row.end?.price ?? null))
      }
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Calls that a dead process left without an end are `unknown` from now on; returns how many there were. */
export function closeAbandonedCalls(database: DatabaseSync): number {
  return Number(database.prepare("UPDATE calls SET outcome = 'unknown' WHERE outcome IS NULL").run().changes)
}

const startColumns = [
  'id',
  'started_at_ms',
  'door',
  'key_id',
  'requested_model',
  'model',
  'upstream',
  'platform',
  'streamed',
  'session_id',
  'agent_id',
  'parent_agent_id',
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
] as const satisfies readonly (keyof CallEnd)[]

const priceColumns = [
  'rate_card',
  'unpriced_because',
  ...components.flatMap((name) => [`${name}_quantity`, `${name}_pico_usd`, `${name}_nano_usd`]),
  'cost_nano_usd',
]

function startValues(start: CallStart): SQLInputValue[] {
  return startColumns.map((name) => (name === 'streamed' ? Number(start.streamed) : start[name]))
}

function endValues(end: CallEnd | null): SQLInputValue[] {
  return endColumns.map((name) => end?.[name] ?? null)
}

function priceValues(price: Price | null): SQLInputValue[] {
  const values: SQLInputValue[] = priceColumns.map(() => null)
  if (price === null) return values
  if (!price.ok) {
    values[1] = price.detail
    return values
  }
  values[0] = price.rateCard
  for (const line of price.lines) {
    const at = 2 + components.indexOf(line.component) * 3
    values[at] = line.quantity
    values[at + 1] = line.picoUsdPerUnit
    values[at + 2] = line.costNanoUsd
  }
  values[priceColumns.length - 1] = price.totalNanoUsd
  return values
}
