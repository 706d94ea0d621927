import type { PoolClient } from 'pg'

import { rollupMeasures, sumRollups } from '../../ledger/rollup.ts'
import type { CallValues, RollupChange, RollupGroup } from '../../ledger/rollup.ts'
import { deriveChanges } from '../../ledger/rollup-levels.ts'
import type { LevelChange } from '../../ledger/rollup-levels.ts'
import { callColumns } from '../../ledger/row-codec.ts'
import { rollupStatements } from '../schema/rollups.ts'
import { encodeArray } from './array-literal.ts'
import { toPostgresStatement } from './placeholders.ts'

/** Keeps the rollups equal to the sums of the calls, in the caller's transaction. */
export interface RollupWriter {
  /** Adds calls that are about to be written. A call that is stored already is replaced: its old values are subtracted. */
  add(client: PoolClient, calls: readonly CallValues[]): Promise<void>
}

export function createRollupWriter(): RollupWriter {
  const write = createLevelWriter()
  return {
    async add(client, calls) {
      if (calls.length === 0) return
      const changes = sumRollups(calls, await findReplaced(client, calls))
      if (changes.length > 0) await write(client, addLevels(changes, await readProgress(client)))
    },
  }
}

/** Returns a function that adds changes to their rows. */
export function createLevelWriter(): (client: PoolClient, changes: readonly LevelChange[]) => Promise<void> {
  /** Groups that a committed transaction has stored. */
  const known = new Set<bigint>()
  return async (client, changes) => {
    for (const { group } of changes) await insertGroup(client, known, group)
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
  const values = [
    encodeArray(calls.map((call) => call[idAt])),
    encodeArray(calls.map((call) => call[startAt])),
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

async function insertGroup(client: PoolClient, known: Set<bigint>, group: RollupGroup): Promise<void> {
  if (known.has(group.id)) return
  const { name, text, values } = toPostgresStatement(rollupStatements.insertGroup, [
    group.id,
    group.level,
    ...group.dimensions,
  ])
  const { rowCount } = await client.query({ name, text, values: [...values] })
  // Found in the store, so an earlier transaction has committed it. A group of this one may be rolled back.
  if (rowCount === 0) known.add(group.id)
  if (known.size > maxKnown) known.clear()
}

function toRow({ span, startMs, group, measures }: Omit<LevelChange, 'isAlone'>): RollupRow {
  return { span, startMs, groupId: group.id, part: 0, measures }
}

/** The changes of the hours, and of the sums that were derived from them already. */
function addLevels(changes: readonly RollupChange[], untilMs: number): readonly LevelChange[] {
  const hours = changes.map((change) => ({ ...change, span: 'hour', startMs: change.hourMs }))
  return [...hours, ...deriveChanges(changes.filter(({ hourMs }) => hourMs < untilMs))]
}

/** Holds off a derivation until the caller's transaction ends: it would not see these calls. */
async function readProgress(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ until_ms: bigint }>(progress)
  return Number(rows[0]?.until_ms ?? 0)
}

const progress = {
  name: 'anthology_rollup_progress',
  text: `${rollupStatements.readProgress} FOR SHARE`,
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

const find = {
  name: 'anthology_find_calls',
  text: `SELECT ${callColumns.join(', ')} FROM calls
    WHERE (id, started_at_ms) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))`,
} as const

const measureArrays = rollupMeasures.map((_, index) => `$${index + 5}::bigint[]`).join(', ')

// In the order of the key, so that two servers never wait for each other.
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
const maxKnown = 20_000
