import { stringsNamed } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'

/**
 * The accounts that can serve this body: all of them, unless it references files of
 * the key, which are stored on one account. A file of another key is treated as not
 * found. An id that no key of ours owns is passed through: code execution creates
 * files, and tool inputs may use the same field name.
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
    throw new ApiError(
      'bad_request',
      'the files of this request are stored on different upstreams; upload them again to use them together',
    )
  return accounts.filter((account) => holders.has(account.name))
}

interface Holding {
  readonly accounts: readonly UpstreamAccount[]
  readonly ledger: Pick<Context['ledger'], 'query'>
}

/** A body may contain millions of file ids. A single query for all of them would block the ledger's writer, and every call, for seconds. */
const idsPerQuery = 1_000

function* iterateSlices(ids: Iterable<string>): Generator<readonly string[]> {
  let slice: string[] = []
  for (const id of ids) {
    if (slice.length === idsPerQuery) {
      yield slice
      slice = []
    }
    slice.push(id)
  }
  if (slice.length > 0) yield slice
}

/**
 * A cheap first check for `file_id` members. Escaped letters in the name would hide it
 * from a plain search, so an escape of any of its letters also counts; legitimate
 * clients never escape them.
 */
export function mayNameFiles(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.includes('"file_id"')) return true
  const first = bytes.indexOf(escape)
  if (first < 0) return false
  // A body with one escape may have millions, and a native search for each would cost more than this loop.
  for (let at = first; at < bytes.length; at += 1) {
    if (bytes[at] !== backslash) continue
    at += 1
    if (bytes[at] !== letterU || bytes[at + 1] !== zero || bytes[at + 2] !== zero) continue
    if (letters.has(readHex(bytes[at + 3]) * 16 + readHex(bytes[at + 4]))) return true
  }
  return false
}

/** The value of a hexadecimal digit; NaN for any other byte. */
function readHex(byte = 0): number {
  if (byte >= zero && byte <= zero + 9) return byte - zero
  const small = byte | 0x20
  return small >= letterA && small < letterA + 6 ? small - letterA + 10 : Number.NaN
}

const escape = '\\u00'
const backslash = 0x5c
const letterU = 0x75
const letterA = 0x61
const zero = 0x30
/** The character codes of f, i, l, e, _ and d. */
const letters: ReadonlySet<number> = new Set([0x66, 0x69, 0x6c, 0x65, 0x5f, 0x64])
