import { ApiError } from '../../errors.ts'

/** A page of a list, as the admin API prints it. */
export interface Page<Item> {
  readonly data: readonly Item[]
  readonly next: string | null
}

/** The query of a list, after validation by `pageParameters`. */
export interface PageQuery {
  readonly limit: number
  readonly after?: string
}

/** The place of a row in a list: the values of the columns that order it. The last one is unique. */
export type Place = readonly (string | number)[]

/**
 * Makes a page of rows that were read with `LIMIT limit + 1`: the row after the page shows that there is another one.
 */
export function makePage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { print, place }: { readonly print: (row: Row) => Item; readonly place: (row: Row) => Place },
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    data: shown.map(print),
    next: rows.length > limit && last !== undefined ? encodePlace(place(last)) : null,
  }
}

export function encodePlace(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** Reads the `after` of a query; null for the first page. Throws an ApiError for text that no list has given. */
export function decodePlace(
  after: string | undefined,
  types: readonly ('string' | 'number')[],
): Place | null {
  if (after === undefined) return null
  const place = parseJson(Buffer.from(after, 'base64url').toString())
  if (
    Array.isArray(place) &&
    place.length === types.length &&
    place.every((value, index) => typeof value === types[index] && isSafe(value))
  )
    return place as Place // Every element has the type that the list wrote.
  throw new ApiError('bad_request', 'after: must be the `next` of a page of this list', undefined, {
    details: { member: 'after' },
  })
}

function isSafe(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
