import type { Context } from '../context.ts'
import type { Resource } from './resource.ts'

/**
 * The costs of a batch's results, by model, take the place of what was held for it. Only the first reader of the results
 * does it; the ledger has the rows in any case.
 */
export function settleBatchMoney(
  { budgets, ring }: Pick<Context, 'budgets' | 'ring'>,
  batch: Resource,
  costs: ReadonlyMap<string, number>,
): void {
  if (batch.hold_nano_usd === null || batch.settled_at_ms !== null) return
  const subject = {
    keyId: batch.key_id,
    keyName: ring.findNamed(batch.key_id)?.name ?? batch.key_id,
    workspaceId: batch.workspace_id ?? '',
    memberId: batch.member_id,
    labels: batch.labels,
    startedAtMs: batch.created_at_ms,
    modelIds: Object.values(batch.models),
  }
  budgets.replaceBatch(batch.id, subject, { held: batch.hold_nano_usd, costs })
}
