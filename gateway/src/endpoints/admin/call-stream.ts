import { monotonicMs } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { ApiError, errors } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { untilClosed } from '../../http/until-closed.ts'
import { readPlace } from '../../ledger/call-place.ts'
import type { CallPlace } from '../../ledger/call-place.ts'
import type { CallSearch } from '../../ledger/call-search.ts'
import type { ReadReport } from '../../ledger/reports.ts'
import { keepStartConditions } from '../../ledger/running-search.ts'
import { readText } from '../../store/database.ts'
import type { SqlRow } from '../../store/database.ts'
import { printCall } from './call-view.ts'

/** The store is asked this often, by every stream. */
const pollMs = 700
/** Rows of one event; of more, the oldest are left out and counted. */
export const maxRowsPerEvent = 200
/** Calls that one look at the store finds, running ones and others. */
const maxFound = 2_000
/** Running calls whose end a stream waits for: the latest. */
export const maxAwaited = 500
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
 * newest first, and the number of those that were left out. A call that ran when the stream was opened or when it was first
 * sent is sent again when it has ended. A list that is read after the headers have arrived and the events together lose no
 * call. The memory of a stream has a bound, whatever the rate of calls.
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
    const tail = await openTail({ read, nowMs: context.nowMs }, search)
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'request-id': id,
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    const closed = untilClosed(response)
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
  /** The calls that were left out because too many began at once: at least so many, if they were too many to count. */
  readonly skipped: number
}

interface CallTail {
  poll(): Promise<TailEvent | null>
  /** The number of calls that it remembers. */
  countKept(): number
}

/** Follows the calls of a search: those that the store does not have yet, and the end of those that run. */
export async function openTail(
  { read, nowMs }: Pick<Context, 'nowMs'> & { readonly read: ReadReport },
  search: CallSearch,
): Promise<CallTail> {
  let fromMs = nowMs()
  /** Calls that were sent or were there before, by the time of that, until no late row can be one of them. */
  const sent = new Map<string, number>()
  /** By id, in the order in which they were found. */
  const awaited = new Map<string, CallPlace>()
  const isEndSearched = !Object.entries(keepStartConditions(search)).every(
    ([name, value]) => value === search[name as keyof CallSearch],
  )

  /** Calls that are left out of the next event, or whose end is. */
  let skipped = 0

  /** The calls that no event has had, newest first. Their ids are then known. */
  async function findNew(): Promise<readonly NewCall[]> {
    const sinceMs = Math.max(fromMs - lagMs, search.sinceMs ?? 0)
    const narrowed = { ...search, sinceMs }
    // Running calls come first: one that ends in between is found by both, and is never missed.
    const running = await read('searchRunningCalls', keepStartConditions(narrowed), maxFound)
    const { places, isCut } = await read('findCallPlaces', narrowed, maxFound)
    if (isCut || running.length === maxFound) skipped += 1
    awaitEnds(running)
    const runs = isEndSearched ? [] : running.map((row) => ({ ...readPlace(row), row }))
    const found = [...runs, ...places.map((place) => ({ ...place, row: null }))]
    const fresh = [...new Map(found.map((call) => [call.id, call])).values()].filter(
      ({ id }) => !sent.has(id),
    )
    for (const { id } of fresh) sent.set(id, nowMs())
    return fresh.toSorted((one, other) => other.startedAtMs - one.startedAtMs)
  }

  /** Waits for the ends of these calls, newest first, and no longer for those of the oldest if there are too many. */
  function awaitEnds(running: readonly SqlRow[]): void {
    for (const place of running.map(readPlace).toReversed())
      if (!awaited.has(place.id)) awaited.set(place.id, place)
    const dropped = [...awaited.keys()].slice(0, Math.max(0, awaited.size - maxAwaited))
    for (const id of dropped) awaited.delete(id)
    skipped += dropped.length
  }

  async function findEnded(): Promise<readonly SqlRow[]> {
    if (awaited.size === 0) return []
    const { ended, rows } = await read('readEndedCalls', [...awaited.values()], search)
    for (const id of ended) awaited.delete(id)
    for (const row of rows) sent.set(readText(row, 'id'), nowMs())
    return rows
  }

  // A list that is read from now on has these, but not their ends.
  awaitEnds(await read('searchRunningCalls', keepStartConditions(search), maxFound))
  await findNew()
  return {
    async poll() {
      const now = nowMs()
      if (now < fromMs) {
        // The clock was set back: the times below are of no use.
        fromMs = now
        sent.clear()
      }
      const ended = await findEnded()
      const fresh = await findNew()
      for (const [id, atMs] of sent) {
        if (now - atMs <= lagMs * 2) break
        sent.delete(id)
      }
      fromMs = now
      skipped += Math.max(0, fresh.length - maxRowsPerEvent)
      if (ended.length === 0 && fresh.length === 0 && skipped === 0) return null
      const rows = await readNew(read, fresh.slice(0, maxRowsPerEvent))
      const names = await read('readOwnerNames')
      const event = { data: [...rows, ...ended].map((row) => printCall(row, names)), skipped }
      skipped = 0
      return event
    },
    countKept: () => sent.size + awaited.size,
  }
}

/** A call that no event has had. */
interface NewCall extends CallPlace {
  /** Null: it has ended, and its row is read later. */
  readonly row: SqlRow | null
}

/** The rows of these calls. */
async function readNew(read: ReadReport, calls: readonly NewCall[]): Promise<readonly SqlRow[]> {
  const ended = calls.filter(({ row }) => row === null)
  const stored = new Map((await read('readCallsAt', ended)).map((row) => [readText(row, 'id'), row]))
  return calls.map(({ id, row }) => row ?? stored.get(id)).filter((row) => row !== undefined)
}
