import type { PoolClient } from 'pg'

import { rollupDimensions, rollupMeasures, sumRollups } from '../../ledger/rollup.ts'
import type { CallValues, RollupChange, RollupGroup } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { LevelChange } from '../../ledger/rollup-levels.ts'
import { callColumns } from '../../ledger/row-codec.ts'
import { readRollupState, rollupStatements } from '../schema/rollups.ts'
import type { RollupState } from '../schema/rollups.ts'
import { encodeArray } from './array-literal.ts'
import { toPostgresStatement } from './placeholders.ts'

/** Keeps the rollups equal to the sums of the calls, in the caller's transaction. */
export interface RollupWriter {
  /** Adds calls that are about to be written. A call that is stored already is replaced: its old values are subtracted. */
  add(client: PoolClient, calls: readonly CallValues[]): Promise<void>
  /** Adds sums of hours, and to what was derived from these hours. */
  addSums(client: PoolClient, changes: readonly RollupChange[]): Promise<void>
}

export function createRollupWriter(): RollupWriter {
  const write = createLevelWriter()
  async function addSums(client: PoolClient, changes: readonly RollupChange[]): Promise<void> {
    if (changes.length === 0) return
    const state = await holdState(client)
    await write(client, addLevels(changes, state.derivedMs), state)
  }
  return {
    async add(client, calls) {
      if (calls.length > 0) await addSums(client, sumRollups(calls, await findReplaced(client, calls)))
    },
    addSums,
  }
}

/** Adds changes to their rows, in the caller's transaction, which has locked the state. */
export type LevelWriter = (
  client: PoolClient,
  changes: readonly LevelChange[],
  state: RollupState,
) => Promise<void>

export function createLevelWriter(): LevelWriter {
  /** Groups that a committed transaction has stored. */
  const known = new Set<bigint>()
  let removed: number | null = null
  return async (client, changes, { removedGroups }) => {
    if (removedGroups !== removed) known.clear()
    removed = removedGroups
    await insertGroups(client, known, changes)
    await addRows(client, changes.filter(({ isAlone }) => !isAlone).map(toRow))
    // One after another, because each takes the next free part.
    for (const change of changes)
      if (change.isAlone) {
        const row = toRow(change)
        await addRows(client, [{ ...row, part: await findPart(client, row) }])
      }
  }
}

interface RollupRow {
  readonly span: string
  readonly startMs: number
  readonly groupId: bigint
  readonly part: number
  readonly measures: readonly (number | bigint)[]
}

/** The stored values of calls that come again. One that ended is never `unknown` again, so then nothing changes. */
async function findReplaced(
  client: PoolClient,
  calls: readonly CallValues[],
): Promise<readonly CallValues[]> {
  const times = calls.map((call) => Number(call[startAt]))
  const values = [
    encodeArray(calls.map((call) => call[idAt])),
    encodeArray(times),
    times.reduce((one, other) => Math.min(one, other)),
    times.reduce((one, other) => Math.max(one, other)),
  ]
  const { rows } = await client.query<(string | bigint | null)[]>({ ...find, rowMode: 'array', values })
  const unknown = new Set(calls.filter((call) => call[outcomeAt] === 'unknown').map((call) => call[idAt]))
  return rows.flatMap((row) => {
    const stored = row.map(toColumnValue)
    if (!unknown.has(stored[idAt] ?? null)) return [stored]
    // The stored row stays: the new one is taken out of the sums instead.
    return calls.filter((call) => call[idAt] === stored[idAt])
  })
}

async function insertGroups(
  client: PoolClient,
  known: Set<bigint>,
  changes: readonly LevelChange[],
): Promise<void> {
  const missing = new Map<bigint, RollupGroup>()
  for (const { group } of changes) if (!known.has(group.id)) missing.set(group.id, group)
  if (missing.size === 0) return
  const groups = [...missing.values()]
  const values = [
    encodeArray(groups.map(({ id }) => id)),
    encodeArray(groups.map(({ level }) => level)),
    ...rollupDimensions.map((_, index) => encodeArray(groups.map(({ dimensions }) => dimensions[index]))),
  ]
  const { rows } = await client.query<{ id: bigint }>({ ...insert, values })
  const inserted = new Set(rows.map(({ id }) => id))
  if (known.size + groups.length > maxKnown) known.clear()
  // Found in the store, so an earlier transaction has committed it. A group of this one may be rolled back.
  for (const { id } of groups) if (!inserted.has(id)) known.add(id)
}

function toRow({ span, startMs, group, measures }: Omit<LevelChange, 'isAlone'>): RollupRow {
  return { span, startMs, groupId: group.id, part: 0, measures }
}

/** The changes of the hours, and of the sums that were derived from them already. */
function addLevels(changes: readonly RollupChange[], untilMs: number): readonly LevelChange[] {
  const hours = changes.map((change) => ({ ...change, span: 'hour', startMs: change.hourMs }))
  return [...hours, ...deriveChanges(changes.filter(({ hourMs }) => hourMs < untilMs))]
}

/**
 * Holds off a derivation and a removal of groups until the caller's transaction ends: the first would not see these
 * calls, the second not their sums.
 */
async function holdState(client: PoolClient): Promise<RollupState> {
  return readRollupState((await client.query<Record<string, unknown>>(heldState)).rows)
}

const heldState = {
  name: 'anthology_rollup_state',
  text: `${rollupStatements.readState} FOR SHARE`,
} as const

async function findPart(client: PoolClient, { span, startMs, groupId }: RollupRow): Promise<number> {
  const { values, ...statement } = toPostgresStatement(rollupStatements.findPart, [span, startMs, groupId])
  const { rows } = await client.query<{ part: bigint }>({ ...statement, values: [...values] })
  return Number(rows[0]?.part ?? 1)
}

/** Sums rows of one key first, because a statement must not write a row twice. */
async function addRows(client: PoolClient, rows: readonly RollupRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = [
    encodeArray(rows.map(({ span }) => span)),
    encodeArray(rows.map(({ startMs }) => startMs)),
    encodeArray(rows.map(({ groupId }) => groupId)),
    encodeArray(rows.map(({ part }) => part)),
    ...rollupMeasures.map((_, index) => encodeArray(rows.map(({ measures }) => measures[index]))),
  ]
  await client.query({ ...add, values })
}

function toColumnValue(value: string | bigint | null): string | number | null {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

// Without the bounds PostgreSQL would look into the partition of every day.
const find = {
  name: 'anthology_find_calls',
  text: `SELECT ${callColumns.join(', ')} FROM calls
    WHERE (id, started_at_ms) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))
      AND started_at_ms >= $3::bigint AND started_at_ms <= $4::bigint`,
} as const

const dimensionArrays = rollupDimensions.map((_, index) => `$${index + 3}::text[]`).join(', ')

// In the order of the key, so that two servers never wait for each other.
const insert = {
  name: 'anthology_insert_rollup_groups',
  text: `INSERT INTO rollup_groups (id, level, ${rollupDimensions.join(', ')})
    SELECT * FROM unnest($1::bigint[], $2::text[], ${dimensionArrays}) AS added (id, level, ${rollupDimensions.join(', ')})
    ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING id`,
} as const

const measureArrays = rollupMeasures.map((_, index) => `$${index + 5}::bigint[]`).join(', ')

// In the order of the key, as above.
const add = {
  name: 'anthology_add_rollups',
  text: `INSERT INTO rollups (span, start_ms, group_id, part, ${rollupMeasures.join(', ')})
    SELECT span, start_ms, group_id, part, ${rollupMeasures.map((name) => `sum(${name})`).join(', ')}
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], ${measureArrays})
      AS added (span, start_ms, group_id, part, ${rollupMeasures.join(', ')})
    GROUP BY span, start_ms, group_id, part ORDER BY span, start_ms, group_id, part
    ON CONFLICT (span, start_ms, group_id, part) DO UPDATE SET
    ${rollupMeasures.map((name) => `${name} = rollups.${name} + excluded.${name}`).join(', ')}`,
} as const

const idAt = callColumns.indexOf('id')
const startAt = callColumns.indexOf('started_at_ms')
const outcomeAt = callColumns.indexOf('outcome')
const maxKnown = 50_000
