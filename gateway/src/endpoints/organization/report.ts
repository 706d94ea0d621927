import { defaultWorkspaceId } from '../../auth/key-record.ts'
import { ApiError } from '../../errors.ts'
import type { RollupDimension } from '../../ledger/rollup.ts'
import type { BucketSums } from '../../ledger/time-buckets.ts'
import { printTime } from '../../organization/change.ts'
import type { AdminRequest } from '../admin/route.ts'

/** The widths of buckets of time, with the default and the largest number in one page. */
export const bucketWidths = {
  '1d': { ms: 86_400_000, default: 7, max: 31 },
  '1h': { ms: 3_600_000, default: 24, max: 168 },
  '1m': { ms: 60_000, default: 60, max: 1_440 },
} as const

export type BucketWidth = keyof typeof bucketWidths

/** The query of both reports, after validation. */
export interface ReportQuery {
  readonly starting_at: string
  readonly ending_at?: string
  readonly bucket_width: BucketWidth
  readonly limit?: number
  readonly page?: string
  readonly api_key_ids?: readonly string[]
  readonly workspace_ids?: readonly string[]
  readonly models?: readonly string[]
}

/**
 * Reads a page of buckets, which begin at whole days, hours or minutes in UTC; of large ones less than `limit`. `print` makes the results of a bucket
 * from the sums of its calls by the given dimensions. Calls of all upstreams count, not only those of the Claude API.
 */
export async function readReport(
  { context, caller, read }: AdminRequest,
  query: ReportQuery,
  { by, print }: ReportShape,
): Promise<object> {
  const { ms, max, default: usual } = bucketWidths[query.bucket_width]
  const limit = query.limit ?? usual
  if (limit > max)
    throw new ApiError('bad_request', `limit: must be <= ${max} for buckets of ${query.bucket_width}`)
  const startMs = Math.floor(readTime(query.starting_at, 'starting_at') / ms) * ms
  const endMs = query.ending_at === undefined ? context.nowMs() : readTime(query.ending_at, 'ending_at')
  if (endMs <= startMs && query.ending_at !== undefined)
    throw new ApiError('bad_request', 'ending_at: must be after starting_at')
  const firstMs = query.page === undefined ? startMs : readPage(query.page, { startMs, endMs, ms })

  const wanted: readonly (readonly [RollupDimension, Iterable<string> | null | undefined])[] = [
    ['workspace_id', caller.workspaces],
    ['workspace_id', query.workspace_ids],
    ['key_id', query.api_key_ids],
    ['model', query.models],
  ]
  const accepted = wanted.flatMap(([name, values]) => (values ? [[name, new Set(values)] as const] : []))
  const count = Math.min(limit, Math.max(0, Math.ceil((endMs - firstMs) / ms)))
  const buckets = await read('readBuckets', { startMs: firstMs, widthMs: ms, count, by, accepted })
  const data = buckets.map((sums, index) => {
    const atMs = firstMs + index * ms
    return { starting_at: printTime(atMs), ending_at: printTime(atMs + ms), results: print(sums) }
  })
  const nextMs = firstMs + buckets.length * ms
  const hasMore = nextMs < endMs
  return { data, has_more: hasMore, next_page: hasMore ? `page_${nextMs.toString(36)}` : null }
}

interface ReportShape {
  readonly by: readonly RollupDimension[]
  readonly print: (sums: readonly BucketSums[]) => readonly object[]
}

/** RFC 3339, with a zone; a date alone is its beginning in UTC. */
function readTime(text: string, name: string): number {
  const isTime = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/.test(text)
  const timeMs = isTime ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs)) return timeMs
  throw new ApiError('bad_request', `${name}: must be a time such as 2026-11-01T00:00:00Z`)
}

/** The cursor is the start of the next bucket. */
function readPage(
  page: string,
  { startMs, endMs, ms }: { readonly startMs: number; readonly endMs: number; readonly ms: number },
): number {
  const atMs = /^page_[0-9a-z]{1,9}$/.test(page) ? Number.parseInt(page.slice(5), 36) : Number.NaN
  if (atMs >= startMs && atMs < endMs && atMs % ms === 0) return atMs
  throw new ApiError('bad_request', 'page: must be the next_page of a report with the same parameters')
}

/** The reports show the default workspace as null. */
export function printWorkspaceId(id: string | null): string | null {
  return id === defaultWorkspaceId ? null : id
}
