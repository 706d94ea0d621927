import { readNumber, readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'

/** The share that a server has of a window. */
export interface Share {
  readonly amountNanoUsd: number
  /** When the server started: its calls began later. */
  readonly sinceMs: number
  /** The last wish of another server for which it gave back what it did not use. */
  readonly answeredWish: number
}

export interface WrittenShare {
  readonly name: string
  readonly holder: string
  readonly amountNanoUsd: number
  readonly sinceMs: number
  readonly answeredWish: number
}

/** Makes every later change of the window's shares wait for the end of the transaction. Returns the number of the last wish. */
export async function lockWindow(queries: Queries, name: string, nowMs: number): Promise<number> {
  const [row] = await queries.query(
    `INSERT INTO budget_windows (name, changed_at_ms, wanted_at_ms) VALUES (?, ?, 0)
     ON CONFLICT (name) DO UPDATE SET changed_at_ms = excluded.changed_at_ms RETURNING wanted_at_ms`,
    [name, nowMs],
  )
  return row === undefined ? 0 : readNumber(row, 'wanted_at_ms')
}

/** Asks the other servers for what they do not use. A wish is a time, so that old ones can be left out, and larger than all before. */
export async function writeWish(queries: Queries, name: string, wish: number): Promise<void> {
  await queries.query('UPDATE budget_windows SET wanted_at_ms = ? WHERE name = ?', [wish, name])
}

/** Asks all servers for what they do not use of any window. */
export async function writeWishes(queries: Queries, wish: number): Promise<void> {
  await queries.query(
    'UPDATE budget_windows SET wanted_at_ms = ? WHERE wanted_at_ms < ? AND name IN (SELECT name FROM budget_leases)',
    [wish, wish],
  )
}

/** The last wish of each window since a time. */
export async function readWishes(queries: Queries, sinceMs: number): Promise<ReadonlyMap<string, number>> {
  const rows = await queries.query('SELECT name, wanted_at_ms FROM budget_windows WHERE wanted_at_ms > ?', [
    sinceMs,
  ])
  return new Map(rows.map((row) => [readText(row, 'name'), readNumber(row, 'wanted_at_ms')]))
}

/** The shares of a window by holder. */
export async function readShares(queries: Queries, name: string): Promise<Map<string, Share>> {
  const rows = await queries.query(
    'SELECT holder, amount_nano_usd, since_ms, answered_wish FROM budget_leases WHERE name = ?',
    [name],
  )
  return new Map(
    rows.map((row) => [
      readText(row, 'holder'),
      {
        amountNanoUsd: readNumber(row, 'amount_nano_usd'),
        sinceMs: readNumber(row, 'since_ms'),
        answeredWish: readNumber(row, 'answered_wish'),
      },
    ]),
  )
}

/** Writes a share. */
export async function writeShare(
  queries: Queries,
  { name, holder, amountNanoUsd, sinceMs, answeredWish }: WrittenShare,
): Promise<void> {
  await queries.query(
    `INSERT INTO budget_leases (name, holder, amount_nano_usd, since_ms, answered_wish) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name, holder) DO UPDATE SET amount_nano_usd = excluded.amount_nano_usd,
       answered_wish =
       CASE WHEN excluded.answered_wish > budget_leases.answered_wish THEN excluded.answered_wish ELSE budget_leases.answered_wish END`,
    [name, holder, amountNanoUsd, sinceMs, answeredWish],
  )
}

/** Deletes the shares of a server that has ended, whose rows are all stored: they count in place of the shares. */
export async function dropAllShares(queries: Queries, replicaId: string): Promise<void> {
  const prefix = `${replicaId}.`
  await queries.query(`DELETE FROM budget_leases WHERE substr(holder, 1, ${prefix.length}) = ?`, [prefix])
}

/** Deletes the shares of earlier starts of a server, whose ids begin with the same text. True if there was one. */
export async function dropEarlierShares(
  queries: Queries,
  name: string,
  { prefix, holder }: { readonly prefix: string; readonly holder: string },
): Promise<boolean> {
  const dropped = await queries.query(
    `DELETE FROM budget_leases WHERE name = ? AND substr(holder, 1, ${prefix.length}) = ? AND holder <> ?
     RETURNING holder`,
    [name, prefix, holder],
  )
  return dropped.length > 0
}
