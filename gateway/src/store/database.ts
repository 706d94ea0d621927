/** A value of a column. Integers are read as bigint and may be written as number or bigint; JSON is text. */
export type SqlValue = string | number | bigint | null

export type SqlRow = Readonly<Record<string, SqlValue>>

/** A row of `Queries.queryArrays`. */
export type SqlArray = readonly SqlValue[]

/** Runs statements: on a connection of its own, or inside a transaction. */
export interface Queries {
  /**
   * Runs one statement and returns its rows. Placeholders are `?`. The statement must mean the same in SQLite and in
   * PostgreSQL; where it cannot, `dialect` chooses it.
   */
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /**
   * The same for many rows, several times faster: each row has its values in the order of the columns. An integer is a
   * number, or a bigint where a number is not exact.
   */
  queryArrays(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlArray[]>
  readonly dialect: Dialect
}

export interface Reader extends Queries {
  /** Runs statements that only read, on one state of the store: they see nothing that is written meanwhile. */
  snapshot<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result>
}

/** The store's tables, without the path of calls: the admin API, the CLI and the console read and write through it. */
export interface Database extends Reader {
  /** Runs `work` in one writing transaction. Commits when it returns; an error rolls back and is thrown again. */
  transaction<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result>
  /** The time of day for everything that is stored, in Unix milliseconds: the same in all processes on the store. */
  readonly nowMs: () => number
  close(): Promise<void>
}

export type Dialect = 'sqlite' | 'postgres'

export function readText(row: SqlRow, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw createTypeError(column, value, 'text')
  return value
}

export function readInteger(row: SqlRow, column: string): bigint {
  const value = row[column]
  if (typeof value !== 'bigint') throw createTypeError(column, value, 'an integer')
  return value
}

/** For times in milliseconds and counts, which fit into a number. */
export function readNumber(row: SqlRow, column: string): number {
  return Number(readInteger(row, column))
}

export function readNullable<Value>(
  row: SqlRow,
  column: string,
  read: (row: SqlRow, column: string) => Value,
): Value | null {
  return row[column] === null ? null : read(row, column)
}

function createTypeError(column: string, value: SqlValue | undefined, wanted: string): TypeError {
  return new TypeError(`the column ${column} holds a ${typeof value} where ${wanted} belongs`)
}
