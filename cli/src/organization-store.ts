import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

import { GatewayError, ensureWorkspaces, makeChange } from '@anthology/gateway'
import type { Change, Database, Queries } from '@anthology/gateway'

import { UsageError } from './command.ts'
import { isServed, openExistingStore, openOrCreateStore } from './ledger-file.ts'
import type { OpenedLocation } from './ledger-file.ts'

/** Reads a store that exists. */
export async function readStore<Result>(
  location: OpenedLocation,
  read: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openExistingStore(location)
  try {
    return await read(database)
  } finally {
    await database.close()
  }
}

/** A change that a command makes: the operation id of the admin API, and whether it may create the data folder. */
export interface StoreChange<Result> {
  readonly action: string
  readonly creates: boolean
  /** Keys change too, which a running server picks up from the store. */
  readonly changesKeys: boolean
  readonly work: (queries: Queries, nowMs: number) => Promise<Change<Result>>
}

/** Makes a change in the store, with its row of the audit log. Waits until a running server knows the changed keys. */
export async function changeStore<Result>(
  location: OpenedLocation,
  { action, creates, changesKeys, work }: StoreChange<Result>,
): Promise<Result> {
  const open = creates ? openOrCreateStore : openExistingStore
  const database = await open(location)
  const nowMs = database.nowMs()
  try {
    await ensureWorkspaces(database, [], nowMs)
    const author = { actor: 'cli', role: 'admin', action, requestId: null, atMs: nowMs } as const
    return await makeChange(database, author, (queries) => work(queries, nowMs))
  } finally {
    await database.close()
    if (changesKeys && (location.store !== undefined || isServed(location.dataFolder)))
      await setTimeout(pickUpMs)
  }
}

/** A running server looks for changed keys four times a second. */
const pickUpMs = 1_000

export function isNewFolder(dataFolder: string): boolean {
  return !existsSync(dataFolder)
}

/** Reads a value that a flag gives, before anything is opened. A value that is not valid is wrong use. */
export function readFlag<Result>(hint: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof GatewayError) || (error.code !== 'invalid_value' && error.code !== 'name_taken'))
      throw error
    // `ip_ranges.0: ...` is about the flag --ip-ranges.
    const found = /^([a-z_]+)[\w.-]*: (.*)$/s.exec(error.message)
    const message = found === null ? error.message : `--${found[1]?.replaceAll('_', '-')} ${found[2]}`
    throw new UsageError(message, error.hint ?? hint)
  }
}

/** The action of a command, and its further words. Throws a UsageError for another action. */
export function readAction<Action extends string>(
  command: string,
  actions: readonly Action[],
  [word, ...rest]: readonly string[],
): { readonly action: Action; readonly rest: readonly string[] } {
  const action = actions.find((each) => each === word)
  if (action !== undefined) return { action, rest }
  throw new UsageError(
    word === undefined ? `${command} needs an action` : `${command} has no action ${word}`,
    `Use ${actions.slice(0, -1).join(', ')} or ${actions.at(-1)}.`,
  )
}

/** The one word that an action needs, such as a name. */
export function readWord(action: string, [word, ...more]: readonly string[], hint: string): string {
  if (word !== undefined && more.length === 0) return word
  throw new UsageError(`${action} needs exactly one name or id`, hint)
}

export function rejectWords(action: string, [word]: readonly string[], hint: string): void {
  if (word !== undefined) throw new UsageError(`${action} does not accept ${JSON.stringify(word)}`, hint)
}
