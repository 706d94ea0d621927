import { stringsNamed } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Limits } from '../limits.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'

/**
 * The accounts that can serve this body: all of them, unless it references files of
 * the key, which are stored on one account. A file of another key is treated as not
 * found. An id that no key of ours owns is passed through: code execution creates
 * files, and tool inputs may use the same field name.
 */
export async function accountsForFiles(
  { accounts, ledger, limits }: Holding,
  key: Pick<Key, 'id'>,
  body: Uint8Array,
): Promise<readonly UpstreamAccount[]> {
  if (!mayNameFiles(body)) return accounts
  const holders = new Set<string>()
  for (const ids of iterateSlices(findFileIds(body, limits.fileIds))) {
    const resources = await ledger.query({ kind: 'with_ids', ids })
    const files = resources.filter((resource) => resource.kind === 'file')
    const foreign = files.find((file) => file.key_id !== key.id)
    if (foreign !== undefined) throw new ApiError('unknown_resource', `File not found: ${foreign.id}`)
    for (const file of files) holders.add(file.upstream)
  }
  if (holders.size === 0) return accounts
  if (holders.size > 1)
    throw new ApiError(
      'bad_request',
      'the files of this request are stored on different upstreams; upload them again to use them together',
    )
  return accounts.filter((account) => holders.has(account.name))
}

interface Holding {
  readonly accounts: readonly UpstreamAccount[]
  readonly ledger: Pick<Context['ledger'], 'query'>
  readonly limits: Pick<Limits, 'fileIds'>
}

/** The distinct ids in a body that may be ours. */
function findFileIds(body: Uint8Array, maxIds: number): readonly string[] {
  const ids = new Set<string>()
  for (const id of stringsNamed(body, 'file_id')) {
    if (id.length > maxIdLength) continue
    ids.add(id)
    if (ids.size > maxIds)
      throw new ApiError('bad_request', `the body names more than ${maxIds} files`, errors.bad_request, {
        limit: 'fileIds',
      })
  }
  return [...ids]
}

/** Longer ids are not accepted from an upstream. */
const maxIdLength = 128

/** One query for the files of nearly every body. More ids at once would block the ledger's writer, and with it every call. */
const idsPerQuery = 10_000

function* iterateSlices(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += idsPerQuery) yield ids.slice(at, at + idsPerQuery)
}

/**
 * A cheap first check for `file_id` members. Escaped letters in the name would hide it
 * from a plain search, so an escape of any of its letters also counts; legitimate
 * clients never escape them.
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
/** The character codes of f, i, l, e, _ and d. */
const letters: ReadonlySet<string> = new Set(['66', '69', '6c', '65', '5f', '64'])
