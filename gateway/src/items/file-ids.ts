import { stringsNamed } from '@anthology/wire'

import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { Key } from '../key-ring.ts'
import type { UpstreamAccount } from '../plan.ts'

/**
 * The accounts that can take this body: all, unless it names files of the key,
 * which lie on one of them. A file of another key is refused as if it were not
 * there. An id that nobody of ours has is the upstream's to judge: it may be a
 * file that an answer made, or a member of somebody's tool that is called so.
 */
export async function accountsForFiles(
  context: Context,
  key: Key,
  body: Uint8Array,
): Promise<readonly UpstreamAccount[]> {
  if (!mayNameFiles(body)) return context.accounts
  const ids = new Set(stringsNamed(body, 'file_id'))
  if (ids.size === 0) return context.accounts
  const items = await context.ledger.ask({ kind: 'with_ids', ids: [...ids] })
  const files = items.filter((item) => item.kind === 'file')
  const foreign = files.find((file) => file.key_id !== key.id)
  if (foreign !== undefined) throw new Refusal('unknown_item', `File not found: ${foreign.id}`)
  const holders = new Set(files.map((file) => file.upstream))
  if (holders.size === 0) return context.accounts
  if (holders.size > 1)
    throw new Refusal('bad_request', 'the files of this request lie on different upstreams')
  return context.accounts.filter((account) => holders.has(account.name))
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
