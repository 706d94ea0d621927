import type { Context } from '../../context.ts'
import { planPruning, readRetention } from '../../store/retention.ts'
import { describeObject, describeText, describeTime, orNull } from './schema.ts'

const kept = (what: string) =>
  describeObject(
    {
      configured: describeText('As in anthology.yaml: a number of days such as 400d, or forever.'),
      days: orNull({ type: 'integer', description: 'Null: they are kept forever.' }),
      since: orNull(describeTime(`${what} before this time are removed; null: all are kept.`)),
    },
    { title: 'Retention' },
  )

export const retentionSchema = describeObject({
  calls: kept('Calls'),
  rollups: kept('Sums'),
  bodies: orNull({ ...kept('Prompts and answers'), description: 'Null: they are not stored.' }),
})

/** The configured retention, with the times before which rows are removed at present. */
export function describeRetention(context: Pick<Context, 'retention' | 'storedBodies' | 'nowMs'>): object {
  const { callsMs, rollupsMs } = readRetention(context.retention)
  const { callsBeforeMs, rollupsBeforeMs } = planPruning({ callsMs, rollupsMs }, context.nowMs())
  const { calls = 'forever', rollups = 'forever' } = context.retention
  const bodies = context.storedBodies?.settings ?? null
  const bodiesBeforeMs = bodies === null || bodies.keptMs === null ? null : context.nowMs() - bodies.keptMs
  const describe = (configured: string, keptMs: number | null, beforeMs: number | null) => ({
    configured,
    days: keptMs === null ? null : keptMs / dayMs,
    since: beforeMs === null ? null : new Date(beforeMs).toISOString(),
  })
  return {
    calls: describe(calls, callsMs, callsBeforeMs),
    rollups: describe(rollups, rollupsMs, rollupsBeforeMs),
    bodies: bodies === null ? null : describe(bodies.retention, bodies.keptMs, bodiesBeforeMs),
  }
}

const dayMs = 86_400_000

/** The time before which calls are removed; null: all are kept. */
export function findStartOfKeptCalls(context: Pick<Context, 'retention' | 'nowMs'>): number | null {
  return planPruning(readRetention(context.retention), context.nowMs()).callsBeforeMs
}
