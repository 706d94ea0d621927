import { pageModels } from '../models/models-page.ts'

/** The response of `GET /v1/files` since the endpoint left beta. */
export interface FilesPage<Item> {
  readonly data: readonly Item[]
  /** The `page` parameter of the next request. */
  readonly next_page: string | null
}

export type PagedFiles<Item> =
  | { readonly ok: true; readonly page: FilesPage<Item> }
  /** Message for an `invalid_request_error`. */
  | { readonly ok: false; readonly message: string }

/** A parsed query string, such as URLSearchParams. */
export interface FilesQuery {
  get(name: string): string | null
  getAll(name: string): readonly string[]
}

/**
 * Selects a page as of 2026 (SDK 1.12): by an opaque cursor, or by a list of ids, of which unknown ones are
 * skipped. The error texts are inferred.
 */
export function pageFiles<Item extends { readonly id: string }>(
  files: readonly Item[],
  query: FilesQuery,
): PagedFiles<Item> {
  const ids = new Set([...query.getAll('ids[]'), ...query.getAll('ids')])
  const cursor = query.get('page')
  const limit = query.get('limit')
  if (ids.size > 0) {
    if (cursor !== null || limit !== null)
      return fail('ids: may not be given together with `page` or `limit`')
    if (ids.size > maxIds) return fail(`ids: List should have at most ${maxIds} items`)
    return { ok: true, page: { data: files.filter(({ id }) => ids.has(id)), next_page: null } }
  }
  if (cursor !== null && !cursor.startsWith(cursorPrefix)) return fail(unknownPage)
  const asked = { limit: limit ?? undefined, after_id: cursor?.slice(cursorPrefix.length) }
  const paged = pageModels(files, asked, 'file')
  if (!paged.ok) return fail(paged.because === 'unknown_cursor' ? unknownPage : paged.message)
  const { data, has_more: hasMore, last_id: lastId } = paged.page
  return { ok: true, page: { data, next_page: hasMore && lastId !== null ? cursorPrefix + lastId : null } }
}

const maxIds = 100
const cursorPrefix = 'page_'
const unknownPage = 'page: not a page of this list'

function fail(message: string): PagedFiles<never> {
  return { ok: false, message }
}
