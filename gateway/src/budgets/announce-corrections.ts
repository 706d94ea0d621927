import type { Queries } from '../store/database.ts'
import { raiseRevision } from './budget-table.ts'
import { writeWishes } from './share-table.ts'

/**
 * Makes all servers on the store count corrections of prices at once, inside the transaction that writes them. Servers that
 * have shares of windows also give back what they do not use: the corrections may have taken it.
 */
export async function announceCorrections(queries: Queries, nowMs: number): Promise<void> {
  await raiseRevision(queries)
  await writeWishes(queries, nowMs)
}
