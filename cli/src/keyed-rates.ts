import type { Config, StoreLocation } from '@anthology/gateway'

import type { Context } from './command.ts'
import { invocation } from './invocation.ts'
import { readLiveKeys } from './ledger-file.ts'
import type { LiveKey } from './ledger-file.ts'
import { quoteForShell } from './server-address.ts'

/** An entry of `rates.keys` that limits nobody, and the next step. */
export interface RateProblem {
  readonly text: string
  readonly next: string
}

/**
 * Finds the entries of `rates.keys` that apply to no key at this moment. `flags` lead the advised command to the store. A key that is created later, under
 * the entry's name, is limited from its first call on.
 */
export async function findKeyedRateProblems(
  { config: { rates }, dataFolder, store }: StoreLocation & { readonly config: Config },
  { env, flags }: Pick<Context, 'env'> & { readonly flags: string },
): Promise<readonly RateProblem[]> {
  const names = Object.keys(rates?.keys ?? {})
  if (names.length === 0) return []
  const keys = [...listBuiltInKeys(env), ...(await readLiveKeys({ dataFolder, store }))]
  const create = `${invocation} keys create${flags}`
  return names.flatMap((name) => describeProblem(name, { keys, names, create }) ?? [])
}

interface Known {
  readonly keys: readonly LiveKey[]
  /** The names of all entries. */
  readonly names: readonly string[]
  /** The command that creates a key. */
  readonly create: string
}

function describeProblem(name: string, { keys, names, create }: Known): RateProblem | null {
  if (keys.some(({ id }) => id === name)) return null
  const named = keys.filter((key) => key.name === name)
  const hidden = named.find(({ id }) => names.includes(id))
  if (hidden !== undefined)
    return {
      text: `rates.keys.${name} has no effect: rates.keys.${hidden.id} is the same key, and its id comes first`,
      next: 'Remove one of the entries.',
    }
  if (named.length > 0) return null
  const known = keys.slice(0, maxListed).map((key) => key.name)
  return {
    text: `rates.keys.${name} limits nobody: no live key has this id or name`,
    next: `Correct it, or create the key: ${create} --name ${quoteForShell(name)}. Live keys: ${known.join(', ')}${keys.length > maxListed ? ', ...' : ''}.`,
  }
}

const maxListed = 8

/** The keys outside the store, as server.ts names them. */
function listBuiltInKeys(env: Context['env']): readonly LiveKey[] {
  const names = ['ANTHOLOGY_KEY', 'ANTHOLOGY_AWS_ACCESS_KEY_ID'].filter((name) => (env[name] ?? '') !== '')
  return [{ id: 'local', name: 'local key' }, ...names.slice(0, 1).map((name) => ({ id: 'env', name }))]
}
