import { hasAsciiEscape, readStringAt } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Limits } from '../limits.ts'
import type { Resource } from './resource.ts'

/**
 * The upstreams that store the files that a body names; null if it names no file of the key. A file of another
 * key is treated as not found. An id that no key of ours owns is passed through: code execution creates files,
 * and tool inputs may use the same field name.
 */
export async function findHolders(
  { ledger, limits }: Holding,
  key: Pick<Key, 'id'>,
  body: Uint8Array,
): Promise<ReadonlySet<string> | null> {
  const fileIds = findFileIds(body, limits.fileIds)
  if (fileIds.length === 0) return null
  const holders = new Set<string>()
  for (const ids of iterateSlices(fileIds)) {
    const resources = await queryFiles(ledger, ids)
    const files = resources.filter((resource) => resource.kind === 'file')
    const foreign = files.find((file) => file.key_id !== key.id)
    if (foreign !== undefined) throw new ApiError('unknown_resource', `File not found: ${foreign.id}`)
    for (const file of files) holders.add(file.upstream)
  }
  if (holders.size === 0) return null
  if (holders.size > 1)
    throw new ApiError(
      'bad_request',
      'the files of this request are stored on different upstreams; upload them again to use them together',
    )
  return holders
}

async function queryFiles(ledger: Holding['ledger'], ids: readonly string[]): Promise<readonly Resource[]> {
  try {
    return await ledger.query({ kind: 'with_ids', ids })
  } catch {
    throw new ApiError(
      'ledger_unavailable',
      'the ledger cannot be read, so the files of this request cannot be looked up',
    )
  }
}

interface Holding {
  readonly ledger: Pick<Context['ledger'], 'query'>
  readonly limits: Pick<Limits, 'fileIds'>
}

/** The distinct ids in a body that may be ours. The body must have been indexed, so that its strings have ends. */
export function findFileIds(body: Uint8Array, maxIds: number): readonly string[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!bytes.includes('"file_id"') && !hasAsciiEscape(bytes)) return []
  const ids = new Set<string>()
  let count = 0
  // Latin-1 maps every byte to one character, so the offsets of the text are those of the body.
  const text = bytes.toString('latin1')
  for (const { index, 0: matched } of text.matchAll(fileIdMember)) {
    if (isEscaped(text, index)) continue
    const id = readStringAt(body, index + matched.length - 1)
    if (id === undefined) continue
    count += 1
    if (count > maxIds)
      throw new ApiError('bad_request', `the body names more than ${maxIds} files`, errors.bad_request, {
        limit: 'fileIds',
      })
    if (id.length <= maxIdLength) ids.add(id)
  }
  return [...ids]
}

/** A `file_id` member up to the quote that opens its value, with any of its letters escaped. */
const fileIdMember =
  /"(?:f|\\u0066)(?:i|\\u0069)(?:l|\\u006[cC])(?:e|\\u0065)(?:_|\\u005[fF])(?:i|\\u0069)(?:d|\\u0064)"[ \t\r\n]*:[ \t\r\n]*"/g

/** In valid JSON, an unescaped quote before the name opens a string; an escaped one is text. */
function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start -= 1
  return (at - start) % 2 === 1
}

/** Longer ids are not accepted from an upstream. */
const maxIdLength = 128

/** One query for the files of nearly every body. More ids at once would block the ledger's writer, and with it every call. */
const idsPerQuery = 10_000

function* iterateSlices(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += idsPerQuery) yield ids.slice(at, at + idsPerQuery)
}
