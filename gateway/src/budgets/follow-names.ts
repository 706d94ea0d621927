import { GatewayError } from '../errors.ts'
import type { Queries } from '../store/database.ts'
import { findBudgets, raiseRevision, setScope } from './budget-table.ts'

/** The owners that a budget names. */
export type NamedOwner = 'workspace' | 'member' | 'key'

/**
 * Makes every process read the names of workspaces, members and keys again: a budget may be for one that was created
 * just now. Runs inside the transaction of the change.
 */
export async function noteNewName(queries: Queries): Promise<void> {
  await raiseRevision(queries)
}

/**
 * Takes the budgets of a workspace, member or key along to its new name: under the old one they would limit nobody. Runs
 * inside the transaction of the change. Throws a GatewayError if one of them is in the configuration.
 */
export async function followRename(
  queries: Queries,
  kind: NamedOwner,
  { id, from, to }: { readonly id: string; readonly from: string; readonly to: string },
): Promise<void> {
  if (from === to) return
  const budgets = await findBudgets(queries, `${kind}:${from}`)
  if (budgets.some(({ source }) => source === 'config'))
    throw new GatewayError('conflict', `anthology.yaml has a budget for ${kind}:${from}`, {
      hint: `Write ${kind}:${id} there, which stays the same, and restart the server.`,
    })
  for (const budget of budgets) await setScope(queries, budget.id, `${kind}:${to}`)
  await raiseRevision(queries)
}
