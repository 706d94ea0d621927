import type { Context } from '../context.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import { describeRefusal } from '../routing/refusal.ts'
import type { AttemptResult } from './attempt.ts'
import { findRefusal } from './note-attempt.ts'

/** Tells that the call moved because the account of an upstream was refused. The upstream's own words are for operators. */
export function tellRefused({ account, model }: PlannedAttempt, result: AttemptResult): readonly string[] {
  const refusal = findRefusal(result)
  return refusal === null
    ? []
    : [`upstream ${account.name} did not answer, because ${describeRefusal(refusal, model.id)}`]
}

/** Tells which upstreams were not asked before this one because their account was refused in earlier calls. */
export function tellExcluded(
  { health, order }: Pick<Context, 'order'> & { readonly health: Pick<Context['health'], 'findRefusal'> },
  { model, excluded }: Plan,
  { account, because }: PlannedAttempt,
): readonly string[] {
  const groups = order.groupsOf(model.id)
  const findGroup = (name: string): number => groups.findIndex((group) => group.includes(name))
  return excluded.flatMap((each) => {
    if (each.because !== 'circuit_open') return []
    const isLater = findGroup(each.upstream) > findGroup(account.name)
    if (isLater && because !== 'fallback_model') return []
    const refusal = health.findRefusal(each.upstream, each.model)
    return refusal === null
      ? []
      : [`upstream ${each.upstream} was not asked, because ${describeRefusal(refusal, each.model)}`]
  })
}
