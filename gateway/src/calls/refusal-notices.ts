import type { Context } from '../context.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import { describeRefusal } from '../routing/refusal.ts'
import type { AttemptResult } from './attempt.ts'
import { findRefusal } from './note-attempt.ts'

/**
 * Tells that the call moved because the account of an upstream was refused, or because its prompt is too long or its
 * body too large there. The upstream's own words are for operators.
 */
export function tellRefused({ account, model }: PlannedAttempt, result: AttemptResult): readonly string[] {
  const reason = findReason(result, model.id)
  return reason === null ? [] : [`upstream ${account.name} did not answer, because ${reason}`]
}

function findReason(result: AttemptResult, modelId: string): string | null {
  const { finish } = result
  if (finish.kind === 'complete' && finish.error === 'context_size')
    return `the prompt is too long for ${modelId}`
  if (finish.kind === 'complete' && finish.error === 'request_size') return 'the request is too large for it'
  const refusal = findRefusal(result)
  return refusal === null ? null : describeRefusal(refusal, modelId)
}

/** Tells which upstreams were not asked before this one because their account was refused in earlier calls. */
export function tellExcluded(
  { health, order }: Pick<Context, 'order'> & { readonly health: Pick<Context['health'], 'findRefusal'> },
  { model, excluded }: Plan,
  { account, because }: PlannedAttempt,
): readonly string[] {
  if (excluded.length === 0) return []
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
