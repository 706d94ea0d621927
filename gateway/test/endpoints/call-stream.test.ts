import { expect, onTestFinished, test } from 'vitest'

import { maxAwaited, maxRowsPerEvent, openTail } from '../../src/endpoints/admin/call-stream.ts'
import type { CallPlace } from '../../src/ledger/call-place.ts'
import type { CallRow } from '../../src/ledger/call-row.ts'
import type { CallSearch } from '../../src/ledger/call-search.ts'
import { reportFunctions } from '../../src/ledger/report-functions.ts'
import type { ReadReport } from '../../src/ledger/reports.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { SqlRow } from '../../src/store/database.ts'
import { callEnd, callStart } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { encodeCalls, encodeOpen, openSqliteSink, part } from '../store/sinks.ts'

const openedMs = Date.parse('2026-11-29T10:00:00Z')

test('a tail has what a list that was read before lacks: late rows, new calls, and the ends of old ones', async () => {
  const { write, read } = await openLedger()
  let nowMs = openedMs
  const [listed, old] = [startCall('listed', -1_000), startCall('old', -3_600_000)]
  await write([end(listed), old])

  const tail = await openTail({ read, nowMs: () => nowMs }, {})
  const atOnce = await tail.poll()
  const fresh = startCall('fresh', 300)
  await write([end(startCall('late', -2_000)), end(old), fresh])
  nowMs += 700
  const first = await tail.poll()
  await write([end(fresh)])
  nowMs += 700
  const second = await tail.poll()
  nowMs += 700
  const third = await tail.poll()

  expect(atOnce).toBeNull()
  expect(first).toMatchObject({
    data: [
      { id: 'fresh', outcome: 'running' },
      { id: 'late', outcome: 'answered' },
      { id: 'old', outcome: 'answered' },
    ],
    skipped: 0,
  })
  expect(second).toMatchObject({ data: [{ id: 'fresh', outcome: 'answered' }], skipped: 0 })
  expect(third).toBeNull()
})

test('a tail of failed calls has one that began before it and fails now', async () => {
  const { write, read } = await openLedger()
  const old = startCall('old', -3_600_000)
  await write([old])

  const tail = await openTail({ read, nowMs: () => openedMs }, { outcome: 'failed' })
  await write([{ start: old.start, end: callEnd({ outcome: 'upstream_error', status: 500 }) }])

  expect(await tail.poll()).toMatchObject({ data: [{ id: 'old', outcome: 'upstream_error' }], skipped: 0 })
})

test('a reader that takes an event late gets the latest calls and the number of the others', async () => {
  const { write, read } = await openLedger()
  let nowMs = openedMs
  const tail = await openTail({ read, nowMs: () => nowMs }, {})
  await write(Array.from({ length: 1_000 }, (_, at) => end(startCall(`call ${at}`, at * 60))))

  nowMs += 60_000
  const event = await tail.poll()
  nowMs += 700
  const next = await tail.poll()
  await write(Array.from({ length: 2_500 }, (_, at) => end(startCall(`more ${at}`, 60_000 + at))))
  nowMs += 60_000
  const uncounted = await tail.poll()

  expect(event?.data).toHaveLength(maxRowsPerEvent)
  expect(event?.data[0]).toMatchObject({ id: 'call 999' })
  expect(event?.skipped).toBe(1_000 - maxRowsPerEvent)
  expect(next).toBeNull()
  // Too many to count: more than the difference of those that were found.
  expect(uncounted?.data).toHaveLength(maxRowsPerEvent)
  expect(uncounted?.skipped).toBe(2_000 - maxRowsPerEvent + 1)
})

test('at 500 calls per second a tail keeps the same number of calls after an hour as after a minute', async () => {
  const busy = await openBusyTail(0)
  const afterMinute = await busy.run(60_000, 700)
  const afterHour = await busy.run(3_600_000, 700)
  const { made, sent, told } = busy.count()
  const slow = await busy.run(600_000, 60_000)
  const later = busy.count()

  expect(afterHour).toEqual(afterMinute)
  expect(afterHour.kept).toBeLessThan(maxKept)
  expect(afterHour.rows).toBe(maxRowsPerEvent)
  expect(made).toBeGreaterThan(1_800_000)
  expect(made - sent).toBe(told)
  expect(slow.kept).toBeLessThan(maxKept)
  expect(later.sent - sent).toBeLessThan(later.made - made)
  expect(later.told).toBeGreaterThan(told)
})

test('a tail waits for the end of a bounded number of calls, and counts those that it gives up', async () => {
  const busy = await openBusyTail(5_000)
  const afterSeconds = await busy.run(20_000, 700)
  const afterMinutes = await busy.run(120_000, 700)
  const { made, sent, told } = busy.count()

  expect(afterMinutes).toEqual(afterSeconds)
  expect(afterMinutes.kept).toBeLessThan(maxKept)
  expect(afterMinutes.rows).toBeLessThanOrEqual(maxRowsPerEvent + maxAwaited)
  expect(told).toBeGreaterThan(made - sent)
})

/** Calls of the seconds in which late rows are expected. */
const maxKept = 7_000

/** A tail of a ledger with 500 calls per second, each of which runs for this time. */
async function openBusyTail(runMs: number) {
  let nowMs = openedMs
  const tail = await openTail({ read: readBusyLedger(() => nowMs, runMs), nowMs: () => nowMs }, {})
  const sent = new Set<string>()
  let told = 0
  return {
    /** Lets this time pass, and returns the most that the tail kept and the most rows of an event. */
    async run(passedMs: number, stepMs: number) {
      let [kept, rows] = [0, 0]
      for (const untilMs = nowMs + passedMs; nowMs < untilMs;) {
        nowMs += stepMs
        const event = await tail.poll()
        kept = Math.max(kept, tail.countKept())
        rows = Math.max(rows, event?.data.length ?? 0)
        told += event?.skipped ?? 0
        for (const call of event?.data ?? []) sent.add((call as { readonly id: string }).id)
      }
      return { kept, rows }
    },
    count: () => ({ made: (nowMs - openedMs) / msPerCall, sent: sent.size, told }),
  }
}

async function openLedger() {
  const dataFolder = temporaryFolder()
  const sink = openSqliteSink(dataFolder)
  const database = await openStore({ dataFolder })
  onTestFinished(async () => {
    await sink.close()
    await database.close()
  })
  let parts = 0
  return {
    /** Calls without an end are running. */
    write: (rows: readonly CallRow[]) =>
      sink.ingest(
        part((parts += 1), {
          calls: encodeCalls(rows),
          opened: encodeOpen(rows.filter((row) => row.end === null)),
          closed: rows.filter((row) => row.end !== null).map(({ start }) => start.id),
        }),
      ),
    read: ((name, ...given) =>
      (reportFunctions[name] as (...all: unknown[]) => unknown)(database, ...given)) as ReadReport, // The thread's own call.
  }
}

function startCall(id: string, atMs: number): CallRow {
  return { start: callStart({ id, started_at_ms: openedMs + atMs }), end: null }
}

function end({ start }: CallRow): CallRow {
  return { start, end: callEnd() }
}

const msPerCall = 2

/** The reports on a ledger of 500 calls per second: the 1.8 million of an hour are too many to write in a test. */
function readBusyLedger(now: () => number, runMs: number): ReadReport {
  const place = (number: number): CallPlace => ({
    id: `req_${number}`,
    startedAtMs: openedMs + number * msPerCall,
  })
  const row = ({ id, startedAtMs }: CallPlace, outcome: string | null): SqlRow => ({
    ...emptyRow,
    id,
    started_at_ms: BigInt(startedAtMs),
    outcome,
  })
  /** The latest first. */
  const list = (fromMs: number, untilMs: number, limit: number) => {
    const last = Math.floor((untilMs - openedMs) / msPerCall)
    const first = Math.max(0, Math.ceil((fromMs - openedMs) / msPerCall), last - limit + 1)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => place(last - at))
  }
  const reports = {
    searchRunningCalls: ({ sinceMs = 0 }: CallSearch, limit: number) =>
      list(Math.max(sinceMs, now() - runMs + 1), now(), limit).map((call) => row(call, null)),
    findCallPlaces({ sinceMs = 0 }: CallSearch, limit: number) {
      const places = list(sinceMs, now() - runMs, limit)
      return { places, isCut: places.length === limit }
    },
    readEndedCalls(calls: readonly CallPlace[]) {
      const ended = calls.filter(({ startedAtMs }) => startedAtMs + runMs <= now())
      return { ended: ended.map(({ id }) => id), rows: ended.map((call) => row(call, 'answered')) }
    },
    readCallsAt: (calls: readonly CallPlace[]) => calls.map((call) => row(call, 'answered')),
    readOwnerNames: () => ({ key: new Map(), workspace: new Map(), member: new Map() }),
  }
  return (async (name: keyof typeof reports, ...given: never[]) =>
    (reports[name] as (...all: never[]) => unknown)(...given)) as unknown as ReadReport // Those that a tail reads.
}

/** The columns that a list prints and this test does not look at. */
const emptyRow: SqlRow = Object.fromEntries(
  Object.keys({ ...callStart(), ...callEnd() }).map((name) => [name, null]),
)
