import { stringsNamed } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'

/**
 * The accounts that can take this body: all, unless it names files of the key,
 * which lie on one of them. A file of another key is refused as if it were not
 * there. An id that nobody of ours has is the upstream's to judge: it may be a
 * file that an answer made, or a member of somebody's tool that is called so.
 */
export async function accountsForFiles(
  { accounts, ledger }: Holding,
  key: Pick<Key, 'id'>,
  body: Uint8Array,
): Promise<readonly UpstreamAccount[]> {
  if (!mayNameFiles(body)) return accounts
  const holders = new Set<string>()
  for (const ids of iterateSlices(stringsNamed(body, 'file_id'))) {
    const resources = await ledger.query({ kind: 'with_ids', ids: [...new Set(ids)] })
    const files = resources.filter((resource) => resource.kind === 'file')
    const foreign = files.find((file) => file.key_id !== key.id)
    if (foreign !== undefined) throw new ApiError('unknown_resource', `File not found: ${foreign.id}`)
    for (const file of files) holders.add(file.upstream)
  }
  if (holders.size === 0) return accounts
  if (holders.size > 1)
    throw new ApiError('bad_request', 'the files of this request lie on different upstreams')
  return accounts.filter((account) => holders.has(account.name))
}

interface Holding {
  readonly accounts: readonly UpstreamAccount[]
  readonly ledger: Pick<Context['ledger'], 'query'>
}

/** A body may name millions of files. Asked for at once they would stop the ledger's writer, and with it everybody, for seconds. */
const idsPerQuestion = 1_000

function* iterateSlices(ids: Iterable<string>): Generator<readonly string[]> {
  let slice: string[] = []
  for (const id of ids) {
    if (slice.length === idsPerQuestion) {
      yield slice
      slice = []
    }
    slice.push(id)
  }
  if (slice.length > 0) yield slice
}

/**
 * Costs next to nothing where no file is named. A name that is spelt with an
 * escaped letter would pass the first look; no honest client escapes one of
 * these letters.
 */
export function mayNameFiles(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.includes('"file_id"')) return true
  for (let at = bytes.indexOf(escape); at >= 0; at = bytes.indexOf(escape, at + escape.length)) {
    if (letters.has(bytes.toString('latin1', at + escape.length, at + escape.length + 2).toLowerCase()))
      return true
  }
  return false
}

const escape = '\\u00'
/** The codes of f, i, l, e, _ and d. */
const letters: ReadonlySet<string> = new Set(['66', '69', '6c', '65', '5f', '64'])
