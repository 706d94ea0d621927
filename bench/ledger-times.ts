import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { checkLedger } from '../gateway/src/ledger/check-ledger.ts'
import { listCalls, readCall } from '../gateway/src/ledger/call-list.ts'
import type { CallFilter } from '../gateway/src/ledger/call-list.ts'
import { searchCalls } from '../gateway/src/ledger/call-search.ts'
import type { CallSearch } from '../gateway/src/ledger/call-search.ts'
import { exportFocus } from '../gateway/src/ledger/focus.ts'
import { createInvoice } from '../gateway/src/ledger/invoice.ts'
import { rollupSpans } from '../gateway/src/ledger/rollup.ts'
import { readRunningRows } from '../gateway/src/ledger/running-calls.ts'
import { listSessions } from '../gateway/src/ledger/session-list.ts'
import { readBuckets } from '../gateway/src/ledger/time-buckets.ts'
import { readUsagePage } from '../gateway/src/ledger/usage-page.ts'
import { readUsage } from '../gateway/src/ledger/usage-report.ts'
import type { UsageQuery } from '../gateway/src/ledger/usage-report.ts'
import type { Database } from '../gateway/src/store/database.ts'
import type { MaintenanceSteps } from '../gateway/src/store/maintenance.ts'
import { openStore } from '../gateway/src/store/open-store.ts'
import type { StoreLocation } from '../gateway/src/store/open-store.ts'
import { openConnections } from '../gateway/src/store/postgres/connections.ts'
import { createSteps as createPostgresSteps } from '../gateway/src/store/postgres/maintenance.ts'
import { openDatabase } from '../gateway/src/store/sqlite/database.ts'
import { createSteps as createSqliteSteps } from '../gateway/src/store/sqlite/maintenance.ts'
import { startChild } from './child.ts'
import { readTarget } from './ledger-target.ts'
import { readCpuMicroseconds } from './meter.ts'

// Measures the start of a server, reports, lists and the removal of a day over a ledger that fill-ledger.ts has made:
//   node bench/ledger-times.ts DIR|postgres://... [--prune]
// With --prune it removes the calls of the oldest day. The CPU time is that of this process and of PostgreSQL, the median
// of the rounds; on a busy machine it is steadier than the time, which includes the waiting for a core.

const rounds = 5

const [target, option] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: node bench/ledger-times.ts DIR|postgres://... [--prune]')

const ownFolder = mkdtempSync(join(tmpdir(), 'anthology-times-'))
const location = readTarget(target, join(ownFolder, 'data'))
await measureStart(location)
const database = await openStore(location)
await countRows(database)
await measureReports(database)
await measureLists(database)
if (option === '--prune') await measurePruning(database)
await database.close()
rmSync(ownFolder, { recursive: true })
printLine(`memory at the end: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)

/** From the start of the program to its answer to requests. */
async function measureStart({ dataFolder, store }: StoreLocation): Promise<void> {
  const binary = join(import.meta.dirname, '../cli/bin/anthology.js')
  const args = [binary, 'serve', '--port', '0', '--data', dataFolder, '--json', '--quiet', '--workers', '1']
  const more = store === undefined ? [] : ['--store', store]
  for (const name of ['first start', 'second start']) {
    const beganMs = performance.now()
    const server = await startChild({
      name: 'anthology',
      file: process.execPath,
      args: [...args, ...more],
      folder: ownFolder,
    })
    const tookMs = performance.now() - beganMs
    print(`${name} of a server`, tookMs, (await readCpuMicroseconds([server.pid])) / 1_000, '')
    await server.stop()
  }
}

async function countRows(queries: Database): Promise<void> {
  for (const table of ['calls', 'rollups', 'rollup_groups']) {
    const [row] = await queries.query(`SELECT count(*) AS rows FROM ${table}`)
    printLine(`${String(row?.['rows'])} rows in ${table}`)
  }
}

async function measureReports(queries: Database): Promise<void> {
  const ever = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
  const since = (days: number) => ({ ...ever, sinceMs: Date.now() - days * rollupSpans.day })
  const reports: Readonly<Record<string, UsageQuery>> = {
    all: { by: [], period: ever },
    'all by model': { by: ['model'], period: ever },
    'all by key': { by: ['key'], period: ever },
    'all by workspace and model': { by: ['workspace', 'model'], period: ever },
    'all by key and model': { by: ['key', 'model'], period: ever },
    'all by label': { by: ['label:project'], period: ever },
    'all by hour': { by: ['hour'], period: ever },
    'all by day (UTC)': { by: ['day'], period: ever },
    'all by day and key': { by: ['day', 'key'], period: ever },
    'all by month (Berlin)': { by: ['month'], period: ever, timeZone: 'Europe/Berlin' },
    'all by day (Berlin)': { by: ['day'], period: ever, timeZone: 'Europe/Berlin' },
    '30 days by day (Berlin) and model': {
      by: ['day', 'model'],
      period: since(30),
      timeZone: 'Europe/Berlin',
    },
    '30 days by day (Berlin) and key': { by: ['day', 'key'], period: since(30), timeZone: 'Europe/Berlin' },
    '30 days by day (Kolkata)': { by: ['day'], period: since(30), timeZone: 'Asia/Kolkata' },
    '30 days by hour': { by: ['hour'], period: since(30) },
    '30 days by key and label': { by: ['key', 'label:project'], period: since(30) },
    'one key by day': { by: ['day'], period: ever, filter: { key: 'key_250' } },
    'one key by model': { by: ['model'], period: ever, filter: { key: 'key_250' } },
    'one workspace by key': { by: ['key'], period: ever, filter: { workspace: 'wrk_3' } },
  }
  for (const [name, query] of Object.entries(reports))
    await measure(`report: ${name}`, async () => (await readUsage(queries, query)).length)
  const pages: Readonly<Record<string, UsageQuery>> = {
    'all by day and key': reports['all by day and key']!,
    'all by day (Berlin) and key': { ...reports['30 days by day (Berlin) and key']!, period: ever },
    '30 days by day (Kolkata) and key': {
      by: ['day', 'key'],
      period: since(30),
      timeZone: 'Asia/Kolkata',
    },
    'all by key and model': reports['all by key and model']!,
  }
  for (const [name, query] of Object.entries(pages))
    for (const [kind, page] of [
      ['page of 1,000 rows', { top: null, limit: 1_000, after: null }],
      ['page of 5,000 rows', { top: null, limit: 5_000, after: null }],
      ['seven keys and the others', { top: 7, limit: 5_000, after: null }],
    ] as const)
      await measure(
        `${kind}: ${name}`,
        async () => (await readUsagePage(queries, { ...query, ...page })).rows.length,
      )
  await measure('check: the latest rows and their sums', async () => {
    return (await checkLedger(queries, since(30), {})).rows
  })
  await measure('invoice of a workspace', async () => {
    const month = new Date(Date.now() - rollupSpans.day).toISOString().slice(0, 7)
    return (await createInvoice(queries, { workspaceId: 'wrk_3', month })).lines.length
  })
  const dayMs = Math.floor(Date.now() / rollupSpans.day) * rollupSpans.day
  const buckets = { startMs: dayMs - 31 * rollupSpans.day, widthMs: rollupSpans.day, count: 31, accepted: [] }
  await measure("Anthropic's usage report: 31 days by key, model, workspace, the first page", async () => {
    const by = ['key_id', 'workspace_id', 'model'] as const
    return (await readBuckets(queries, { ...buckets, by })).flat().length
  })
  await measure('export: a day of FOCUS', async () => {
    let rows = 0
    const period = { sinceMs: dayMs - rollupSpans.day, untilMs: dayMs }
    for await (const _ of exportFocus(queries, { period, unit: 'day' })) rows += 1
    return rows
  })
}

async function measureLists(queries: Database): Promise<void> {
  const [earliest] = await queries.query('SELECT session_id FROM calls ORDER BY started_at_ms LIMIT 1')
  const oldSession = String(earliest?.['session_id'])
  const lists: Readonly<Record<string, CallFilter>> = {
    all: {},
    'one key': { key: 'key_299' },
    'an outcome': { outcome: 'client_closed' },
    'a label': { labels: { project: 'project-3' } },
    'a key that has no calls': { key: 'key_unknown' },
    'one key and outcome': { key: 'key_250', outcome: 'client_closed' },
    'an old session': { session: oldSession },
  }
  for (const [name, filter] of Object.entries(lists))
    await measure(`list: ${name}`, async () => (await listCalls(queries, filter, { limit: 50 })).calls.length)
  const searches: Readonly<Record<string, CallSearch>> = {
    all: {},
    'one key': { key: 'key_299' },
    failed: { outcome: 'failed' },
    'a key that has no calls': { key: 'key_unknown' },
    'an old session': { session: oldSession },
    'many tokens': { minTokens: 70_000 },
  }
  for (const [name, search] of Object.entries(searches))
    await measure(
      `page of the console: ${name}`,
      async () => (await searchCalls(queries, search, { limit: 50, after: null })).rows.length,
    )
  await measure('sessions', async () => (await listSessions(queries, {}, { limit: 100, after: null })).length)
  await measure('running calls', async () => {
    const ever = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
    return (await readRunningRows(queries, ever, {})).length
  })
  const [first] = (await listCalls(queries, { period: { sinceMs: 0, untilMs: 1e15 } }, { limit: 1 })).calls
  await measure('one call by its id', async () => (await readCall(queries, String(first?.['id']))).length)
}

/** Removes the oldest day, in the steps of the server. */
async function measurePruning(queries: Database): Promise<void> {
  const [row] = await queries.query('SELECT min(started_at_ms) AS first FROM calls')
  const keptMs = 400 * rollupSpans.day
  const firstDayMs = Math.floor(Number(row?.['first']) / rollupSpans.day) * rollupSpans.day
  const opened = await openSteps(location, {
    retention: { callsMs: keptMs, rollupsMs: null },
    nowMs: () => firstDayMs + rollupSpans.day + keptMs,
  })
  const times: number[] = []
  const cpuTimes: number[] = []
  const cpuBefore = await readCpuMs(queries)
  for (let isBusy = true; isBusy;) {
    const [beganMs, stepCpu] = [performance.now(), process.cpuUsage()]
    isBusy = await opened.steps.run()
    const { user, system } = process.cpuUsage(stepCpu)
    cpuTimes.push((user + system) / 1_000)
    times.push(performance.now() - beganMs)
  }
  const cpuMs = (await readCpuMs(queries)) - cpuBefore
  await opened.close()
  const totalMs = times.reduce((sum, ms) => sum + ms, 0)
  print('removal of the oldest day', totalMs, cpuMs, `${times.length} steps`)
  describeSteps('its steps took', times)
  describeSteps('CPU of this process in its steps:', cpuTimes)
}

function describeSteps(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other)
  const [half, most] = [0.5, 0.99].map((part) => sorted[Math.floor(times.length * part)]!.toFixed(1))
  printLine(`${what} ${half} ms (median), ${most} ms (99 %), ${sorted.at(-1)!.toFixed(1)} ms (longest)`)
}

async function openSteps(
  { dataFolder, store }: StoreLocation,
  options: Parameters<typeof createSqliteSteps>[1],
): Promise<{ readonly steps: MaintenanceSteps; close(): Promise<void> }> {
  if (store === undefined) {
    const connection = openDatabase(dataFolder)
    return { steps: createSqliteSteps(connection, options), close: async () => connection.close() }
  }
  const connections = await openConnections({ url: store })
  return { steps: createPostgresSteps(connections, options), close: () => connections.close() }
}

async function measure(name: string, work: () => Promise<number>): Promise<void> {
  const times: number[] = []
  const cpuTimes: number[] = []
  let rows = 0
  for (let round = 0; round < rounds; round += 1) {
    const cpuBefore = await readCpuMs(database)
    const beganMs = performance.now()
    rows = await work()
    times.push(performance.now() - beganMs)
    cpuTimes.push((await readCpuMs(database)) - cpuBefore)
  }
  print(name, getMedian(times), getMedian(cpuTimes), `${rows} rows`)
}

function getMedian(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}

/** CPU time of this process and of PostgreSQL's processes that serve a client like this one, in milliseconds. */
async function readCpuMs(queries: Database): Promise<number> {
  const own = process.cpuUsage()
  const rows =
    queries.dialect === 'sqlite'
      ? []
      : await queries.query(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'anthology' AND datname = current_database()",
        )
  const others = await readCpuMicroseconds(rows.map((row) => Number(row['pid'])))
  return (own.user + own.system + others) / 1_000
}

function print(name: string, ms: number, cpuMs: number, note: string): void {
  const times = `${ms.toFixed(1).padStart(8)} ms ${cpuMs.toFixed(1).padStart(8)} ms of CPU`
  printLine(`${name.padEnd(52)} ${times}  ${note}`)
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}
