import { callColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import type { SqlRow } from '../database.ts'

/** Rows of calls as a sink takes them. */
export function encodeCalls(rows: readonly SqlRow[]): readonly (readonly ColumnValue[])[] {
  return rows.map((row) => callColumns.map((name) => toColumnValue(row[name] ?? null)))
}

/** As in the journal: an integer above 2^53 is text. */
function toColumnValue(value: string | number | bigint | null): ColumnValue {
  if (typeof value !== 'bigint') return value
  return value > maxSafe || value < -maxSafe ? value.toString() : Number(value)
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)
