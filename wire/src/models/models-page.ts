/** A model in the list and in `GET /v1/models/{id}`. */
export interface ModelObject {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  /** RFC 3339. */
  readonly created_at: string
}

export interface ModelsPage<Item> {
  readonly data: readonly Item[]
  readonly first_id: string | null
  readonly last_id: string | null
  readonly has_more: boolean
}

/** The raw query parameters: `limit` is 1 to 1000, default 20. */
export interface ModelsQuery {
  readonly limit?: string | number | undefined
  readonly after_id?: string | undefined
  readonly before_id?: string | undefined
}

export type PagedModels<Item> =
  | { readonly ok: true; readonly page: ModelsPage<Item> }
  | {
      readonly ok: false
      readonly because: 'bad_limit' | 'two_cursors' | 'unknown_cursor'
      /** Message for an `invalid_request_error`, in the API's style. */
      readonly message: string
    }

/**
 * Selects one page of the list, which is in response order (newest first). A page starts after `after_id` or
 * ends just before `before_id`; `has_more` refers to the same direction. Source: "List Models" of the API
 * reference. It does not define unknown cursors; here they are an error, because an empty page would look
 * like the end of the list. Batches and files are paged in the same way; `noun` names them in the error.
 */
export function pageModels<Item extends { readonly id: string }>(
  items: readonly Item[],
  query: ModelsQuery,
  noun = 'model',
): PagedModels<Item> {
  const limit = parseLimit(query.limit)
  if (typeof limit === 'string') return { ok: false, because: 'bad_limit', message: limit }
  const { after_id: afterId, before_id: beforeId } = query
  if (afterId !== undefined && beforeId !== undefined)
    return {
      ok: false,
      because: 'two_cursors',
      message: 'Only one of `after_id` and `before_id` may be given.',
    }

  if (beforeId !== undefined) {
    const end = items.findIndex((item) => item.id === beforeId)
    if (end < 0) return unknownCursor('before_id', noun)
    const start = Math.max(0, end - limit)
    return { ok: true, page: makePage(items.slice(start, end), start > 0) }
  }

  const start = afterId === undefined ? 0 : items.findIndex((item) => item.id === afterId) + 1
  if (afterId !== undefined && start === 0) return unknownCursor('after_id', noun)
  const end = start + limit
  return { ok: true, page: makePage(items.slice(start, end), end < items.length) }
}

export const defaultPageSize = 20
export const maxPageSize = 1_000

/** Returns the limit, or an error text. */
function parseLimit(given: ModelsQuery['limit']): number | string {
  if (given === undefined) return defaultPageSize
  if (!/^[+-]?\d{1,15}$/.test(String(given)))
    return 'limit: Input should be a valid integer, unable to parse string as an integer'
  const limit = Number(given)
  if (limit < 1) return 'limit: Input should be greater than or equal to 1'
  if (limit > maxPageSize) return `limit: Input should be less than or equal to ${maxPageSize}`
  return limit
}

function unknownCursor(name: 'after_id' | 'before_id', noun: string): PagedModels<never> {
  return { ok: false, because: 'unknown_cursor', message: `${name}: no ${noun} with this id is in the list` }
}

function makePage<Item extends { readonly id: string }>(
  data: readonly Item[],
  hasMore: boolean,
): ModelsPage<Item> {
  return { data, first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: hasMore }
}
