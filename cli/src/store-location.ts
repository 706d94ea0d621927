import { resolve as resolvePath } from 'node:path'

import { describeUrl, isPostgresUrl } from '@anthology/gateway'
import type { OnTransfer, StoreLocation, TransferResult } from '@anthology/gateway'

import { UsageError } from './command.ts'
import type { Context } from './command.ts'
import { formatCount } from './number-format.ts'

/** A store as an argument: a data folder, or a `postgres://` URL. */
export function readLocation({ cwd }: Pick<Context, 'cwd'>, text: string): StoreLocation {
  if (isPostgresUrl(text)) return { dataFolder: cwd, store: text }
  return {
    dataFolder: resolvePathOnly(
      { cwd },
      text,
      'a store is a data folder or a postgres:// URL, not another URL',
    ),
  }
}

/** The path of a file or folder. A mistyped URL would become one with a password in its name. The error does not print it. */
export function resolvePathOnly({ cwd }: Pick<Context, 'cwd'>, text: string, problem: string): string {
  if (!looksLikeUrl.test(text)) return resolvePath(cwd, text)
  throw new UsageError(
    problem,
    'Name PostgreSQL with --store postgres://user@host/anthology, or without --store for store copy and store compare. A file or folder with such a name is ./NAME.',
  )
}

/** A scheme of at least two letters, because one letter is a disk of Windows, or a password before a host. */
const looksLikeUrl = /^\s*(?:[a-z][a-z\d+.-]+:\/|[^/\\]+:[^/\\]*@)/i

/** Without the password of the URL. */
export function describeLocation({ dataFolder, store }: StoreLocation): string {
  return store === undefined ? dataFolder : describeUrl(store)
}

/** Prints the progress of long tables, at most twice a second. */
export function createProgress({ err }: Pick<Context, 'err'>, isQuiet: boolean): OnTransfer {
  let printedAtMs = performance.now()
  return (step, { table, rows, totalRows }) => {
    if (isQuiet || performance.now() - printedAtMs < progressMs) return
    printedAtMs = performance.now()
    err(`${step}: ${table}, ${formatCount(rows)} of ${formatCount(totalRows)} rows`)
  }
}

/** Prints the result of a copy or a comparison, and returns the exit code. */
export function printResult(
  context: Context,
  isJson: boolean,
  { rows, differences }: TransferResult,
  done: string,
): number {
  if (isJson) context.out(JSON.stringify({ equal: differences.length === 0, rows, differences }))
  else if (differences.length === 0) context.out(`${done}: ${formatCount(rows)} rows, every column is equal.`)
  else printDifferences(context, differences)
  return differences.length === 0 ? 0 : 1
}

export function printDifferences(context: Context, differences: TransferResult['differences']): void {
  for (const { table, column } of differences)
    context.out(column === null ? `${table}: the number of rows differs` : `${table}.${column} differs`)
}

const progressMs = 500
