import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { SqlRow } from '../database.ts'
import { toPostgresText } from '../postgres/placeholders.ts'
import type { CopiedTable } from './copied-tables.ts'

/** The contents of a table in the order of its key: the number of rows, and a SHA-256 of each column. */
export interface TableSums {
  readonly table: string
  readonly rows: number
  readonly columns: Readonly<Record<string, string>>
}

export interface SumBuilder {
  add(rows: readonly SqlRow[]): void
  finish(): TableSums
}

export function createSums({ name, columns }: CopiedTable): SumBuilder {
  const hashes = columns.map((column): [string, Hash] => [column.name, createHash('sha256')])
  let count = 0

  return {
    add(rows) {
      count += rows.length
      for (const [column, sum] of hashes)
        sum.update(rows.map((row) => `${encodeValue(row[column] ?? null)}\n`).join(''))
    },
    finish: () => ({
      table: name,
      rows: count,
      columns: Object.fromEntries(hashes.map(([column, sum]) => [column, sum.digest('hex')])),
    }),
  }
}

/** A text never looks like a number or null. NUL characters count as PostgreSQL stores them. */
function encodeValue(value: string | number | bigint | null): string {
  return typeof value === 'string' ? JSON.stringify(toPostgresText(value)) : String(value)
}

/** A difference between two stores: a column, or the number of rows. */
export interface Difference {
  readonly table: string
  readonly column: string | null
}

export function findDifferences(one: TableSums, other: TableSums): readonly Difference[] {
  const rows = one.rows === other.rows ? [] : [{ table: one.table, column: null }]
  const columns = Object.keys(one.columns)
    .filter((column) => one.columns[column] !== other.columns[column])
    .map((column) => ({ table: one.table, column }))
  return [...rows, ...columns]
}
