import { pageModels } from '@anthology/wire'

import type { StoredFile } from './file-store.ts'

export type PagedFiles =
  | { readonly ok: true; readonly data: readonly StoredFile[]; readonly nextPage: string | null }
  | { readonly ok: false; readonly message: string }

export const mostIds = 100

/**
 * Pages as of 2026 (SDK 1.12): a cursor that means nothing to the client, or the files that are
 * named, of which those that are not there are left out.
 */
export function pageFiles(files: readonly StoredFile[], query: URLSearchParams): PagedFiles {
  const ids = new Set([...query.getAll('ids[]'), ...query.getAll('ids')])
  const page = query.get('page')
  const limit = query.get('limit')
  if (ids.size > 0) {
    if (page !== null || limit !== null)
      return refuse('ids: may not be given together with `page` or `limit`')
    if (ids.size > mostIds) return refuse(`ids: List should have at most ${mostIds} items`)
    return { ok: true, data: files.filter(({ id }) => ids.has(id)), nextPage: null }
  }
  if (page !== null && !page.startsWith(cursorPrefix)) return refuse(unknownPage)
  const paged = pageModels(
    files,
    {
      limit: limit ?? undefined,
      after_id: page?.slice(cursorPrefix.length),
    },
    'file',
  )
  if (!paged.ok) return refuse(paged.because === 'unknown_cursor' ? unknownPage : paged.message)
  const { data, has_more: hasMore, last_id: lastId } = paged.page
  return { ok: true, data, nextPage: hasMore && lastId !== null ? cursorPrefix + lastId : null }
}

const cursorPrefix = 'page_'
const unknownPage = 'page: not a page of this list'

function refuse(message: string): PagedFiles {
  return { ok: false, message }
}
