import type { Context } from '../context.ts'
import type { Resource } from './resource.ts'

/** The costs of a batch that was settled just now take the place of its hold. */
export async function settleBatchMoney(
  { budgets, ledger }: Pick<Context, 'budgets' | 'ledger'>,
  batch: Resource,
): Promise<void> {
  if (batch.settled_at_ms !== null) return
  // The costs are read from the store, which has all earlier changes when it answers. If it does not, the batch counts
  // with its hold until the budgets look for settled batches again.
  await ledger.query({ kind: 'with_ids', ids: [batch.id] }).catch(() => {})
  budgets.money.noteSettled({ createdAtMs: batch.created_at_ms })
}
