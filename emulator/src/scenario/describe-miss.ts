import type { ConditionResult } from './conditions.ts'
import { describeCount, isCounted } from './rule-counts.ts'
import type { Rule } from './scenario.ts'

/** A rule that did not apply to a request. */
export interface MissedRule {
  readonly rule: Rule
  readonly label: string
  /** The number of requests that met the conditions so far, this one included. */
  readonly meetings: number
  /** The number of requests that the rule applied to. */
  readonly uses: number
  readonly result: ConditionResult
  /** The number of the step that the request needs, from 1; null: the rule has no steps. */
  readonly step: number | null
}

/** Names the rule that is closest to matching, and the first thing that keeps it from it. */
export function describeMiss(rules: readonly MissedRule[]): string {
  const [nearest] = rules.toSorted(({ result: one }, { result: other }) => compare(one, other))
  if (nearest === undefined) return 'No rule of the scenario matches this request: the scenario has no rules.'
  const { label, result } = nearest
  const { difference } = result
  const reason = result.isMet ? describeCounts(nearest) : difference
  return `No rule of the scenario matches this request. The nearest is ${label}: ${reason}.`
}

/** A rule that only a count keeps from matching comes first, then the one with the most conditions that hold. */
function compare(one: ConditionResult, other: ConditionResult): number {
  return (
    Number(other.isMet) - Number(one.isMet) ||
    other.metCount - one.metCount ||
    one.unmetCount - other.unmetCount
  )
}

/** All conditions hold, and a count does not. */
function describeCounts({ rule, meetings, uses, step }: MissedRule): string {
  const { times, rate, steps } = rule
  if (steps !== undefined && step !== null && step > steps.length)
    return `it has ${plural(steps.length, 'step')}, but this request needs step ${step}`
  if (times !== undefined && uses >= times) return `it has already applied ${plural(times, 'time')}`
  if (!isCounted(rule, meetings)) return describeCount(rule, meetings)
  if (rate !== undefined) return `its rate of ${rate} did not choose this request`
  return 'it has a reply and no fault, but the request creates no message'
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
