import { monotonicMs } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { ApiError, errors } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { untilClosed } from '../../http/until-closed.ts'
import { readPlace } from '../../ledger/call-place.ts'
import type { CallPlace } from '../../ledger/call-place.ts'
import { keepStartConditions } from '../../ledger/call-search.ts'
import type { CallSearch } from '../../ledger/call-search.ts'
import type { ReadReport } from '../../ledger/reports.ts'
import { readText } from '../../store/database.ts'
import type { SqlRow } from '../../store/database.ts'
import { printCall } from './call-view.ts'

/** The store is asked this often, by every stream. */
const pollMs = 700
/** Rows of one event; of more, the oldest are left out and counted. */
const maxRowsPerEvent = 200
/** Running calls whose end a stream waits for. */
const maxAwaited = 500
/** A row of another process reaches the store at most this long after its call began or ended. */
const lagMs = 3_000
const pingMs = 15_000
const maxStreams = 32

let openStreams = 0

interface CallStream {
  readonly read: ReadReport
  readonly search: CallSearch
  /** The stream ends after this time. */
  readonly maxMs: number
}

/**
 * Sends calls as server-sent events: an event `calls` has the calls that began and those that ended since the last one,
 * newest first, and the number of those that were left out. A call that ran when it was first sent is sent again when it
 * has ended. The memory of a stream has a bound, whatever the rate of calls.
 */
export async function streamCalls(
  context: Context,
  { id, response }: ClientExchange,
  { read, search, maxMs }: CallStream,
): Promise<'sent'> {
  if (openStreams >= maxStreams)
    throw new ApiError(
      'rate_limited',
      `${maxStreams} streams of calls are open already`,
      errors.rate_limited,
      { headers: { 'retry-after': '10' } },
    )
  openStreams += 1
  try {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'request-id': id,
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    const closed = untilClosed(response)
    const tail = createTail({ read, nowMs: context.nowMs }, search)
    const endsAtMs = monotonicMs() + maxMs
    let sentAtMs = monotonicMs()
    while (!closed.isClosed() && !context.draining() && monotonicMs() < endsAtMs) {
      const event = await tail.poll().catch((error: unknown) => {
        // The reports of a closed stream are cancelled.
        if (closed.isClosed()) return null
        throw error
      })
      const isPing = event === null && monotonicMs() - sentAtMs > pingMs
      if (event !== null || isPing) {
        sentAtMs = monotonicMs()
        const text = event === null ? ': ping\n\n' : `event: calls\ndata: ${JSON.stringify(event)}\n\n`
        if (!response.write(Buffer.from(text))) await closed.untilDrained()
      }
      await closed.wait(pollMs)
    }
    if (!response.destroyed) response.end()
  } finally {
    openStreams -= 1
  }
  return 'sent'
}

interface TailEvent {
  readonly data: readonly object[]
  /** Calls that were left out because too many began at once. */
  readonly skipped: number
}

/** Follows the calls of a search from now on. */
export function createTail(
  { read, nowMs }: Pick<Context, 'nowMs'> & { readonly read: ReadReport },
  search: CallSearch,
): { poll(): Promise<TailEvent | null> } {
  let beganMs = nowMs()
  /** Calls that were sent, by the time of their start, until no late row can be one of them. */
  const sent = new Map<string, number>()
  /** By id. */
  const awaited = new Map<string, CallPlace>()
  let fromMs = beganMs
  const isEndSearched = !Object.entries(keepStartConditions(search)).every(
    ([name, value]) => value === search[name as keyof CallSearch],
  )

  async function findNew(): Promise<{ readonly rows: readonly SqlRow[]; readonly skipped: number }> {
    const narrowed = { ...search, sinceMs: Math.max(fromMs - lagMs, beganMs) }
    const limit = maxRowsPerEvent * 4
    const { rows } = await read('searchCalls', narrowed, { limit, after: null })
    const running = await read('searchRunningCalls', keepStartConditions(narrowed), limit)
    for (const row of running) if (awaited.size < maxAwaited) awaited.set(readText(row, 'id'), readPlace(row))
    const shown = isEndSearched ? rows : [...running, ...rows]
    const fresh = shown.filter((row) => !sent.has(readText(row, 'id')))
    for (const row of fresh) sent.set(readText(row, 'id'), nowMs())
    return { rows: fresh.slice(0, maxRowsPerEvent), skipped: Math.max(0, fresh.length - maxRowsPerEvent) }
  }

  async function findEnded(): Promise<readonly SqlRow[]> {
    if (awaited.size === 0) return []
    const { ended, rows } = await read('readEndedCalls', [...awaited.values()], search)
    for (const id of ended) awaited.delete(id)
    for (const row of rows) sent.set(readText(row, 'id'), nowMs())
    return rows
  }

  return {
    async poll() {
      const now = nowMs()
      // The clock was set back: calls begin before this stream did.
      if (now < fromMs) beganMs = Math.min(beganMs, now)
      const ended = await findEnded()
      const { rows, skipped } = await findNew()
      for (const [id, atMs] of sent) {
        if (now - atMs <= lagMs * 2) break
        sent.delete(id)
      }
      fromMs = now
      if (ended.length === 0 && rows.length === 0) return null
      const names = await read('readOwnerNames')
      return { data: [...rows, ...ended].map((row) => printCall(row, names)), skipped }
    },
  }
}
