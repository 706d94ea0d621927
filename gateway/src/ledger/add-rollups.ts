import { readInteger } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { rollupStatements } from '../store/schema/rollups.ts'
import type { RollupChange } from './rollup.ts'
import { deriveChanges } from './rollup-levels.ts'

/** Adds changes to the rollups, in the transaction of the rows that cause them. */
export async function addRollups(queries: Queries, changes: readonly RollupChange[]): Promise<void> {
  if (changes.length === 0) return
  // The lock holds off a derivation on another server, which would not see these changes.
  const lock = queries.dialect === 'postgres' ? ' FOR SHARE' : ''
  const [progress] = await queries.query(`${rollupStatements.readProgress}${lock}`)
  const untilMs = progress === undefined ? 0 : Number(readInteger(progress, 'until_ms'))
  const hours = changes.map((change) => ({ ...change, span: 'hour', startMs: change.hourMs }))
  const late = deriveChanges(changes.filter(({ hourMs }) => hourMs < untilMs))
  for (const { span, startMs, group, measures, isAlone } of [...hours, ...late]) {
    await queries.query(rollupStatements.insertGroup, [group.id, group.level, ...group.dimensions])
    const place = [span, startMs, group.id]
    const [row] = isAlone ? await queries.query(rollupStatements.findPart, place) : []
    const part = row === undefined ? 0n : readInteger(row, 'part')
    await queries.query(rollupStatements.add, [...place, part, ...measures])
  }
}
