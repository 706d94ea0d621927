import { openDatabase } from '../gateway/src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../gateway/src/store/sqlite/sqlite-database.ts'
import { listCalls } from '../gateway/src/ledger/call-list.ts'
import type { CallFilter } from '../gateway/src/ledger/call-list.ts'
import { readUsage } from '../gateway/src/ledger/usage-report.ts'
import type { UsageQuery } from '../gateway/src/ledger/usage-report.ts'

// Measures reports and lists over a ledger that fill-ledger.ts has made:
//   node bench/ledger-times.ts DIR

const [dataFolder] = process.argv.slice(2)
if (dataFolder === undefined) throw new Error('usage: node bench/ledger-times.ts DIR')

const startedMs = performance.now()
const database = createSqliteDatabase(openDatabase(dataFolder))
print('open the store', performance.now() - startedMs, '')
const [rollups] = await database.query('SELECT count(*) AS rows FROM rollups')
const [groups] = await database.query('SELECT count(*) AS rows FROM rollup_groups')
printLine(`${String(rollups?.['rows'])} rollups of ${String(groups?.['rows'])} groups`)

const ever = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
const lastMonth = { sinceMs: Date.now() - 30 * 86_400_000, untilMs: Number.MAX_SAFE_INTEGER }
const reports: Readonly<Record<string, UsageQuery>> = {
  'all by model': { by: ['model'], period: ever },
  'all by key': { by: ['key'], period: ever },
  'all by workspace and model': { by: ['workspace', 'model'], period: ever },
  'all by label': { by: ['label:project'], period: ever },
  'all by day (UTC)': { by: ['day'], period: ever },
  'all by month (Berlin)': { by: ['month'], period: ever, timeZone: 'Europe/Berlin' },
  'all by day (Berlin)': { by: ['day'], period: ever, timeZone: 'Europe/Berlin' },
  '30 days by day (Berlin) and model': { by: ['day', 'model'], period: lastMonth, timeZone: 'Europe/Berlin' },
  '30 days by day (Kolkata)': { by: ['day'], period: lastMonth, timeZone: 'Asia/Kolkata' },
  '30 days by hour': { by: ['hour'], period: lastMonth },
  'one key by day': { by: ['day'], period: ever, filter: { key: 'key_250' } },
  'one workspace by key': { by: ['key'], period: ever, filter: { workspace: 'wrk_3' } },
}
for (const [name, query] of Object.entries(reports))
  await measure(`report: ${name}`, async () => (await readUsage(database, query)).length)

const lists: Readonly<Record<string, CallFilter>> = {
  all: {},
  'one key': { key: 'key_299' },
  'an outcome': { outcome: 'client_closed' },
  'a label': { labels: { project: 'project-3' } },
  'a key that has no calls': { key: 'key_unknown' },
  'one key and outcome': { key: 'key_250', outcome: 'client_closed' },
  'one session': { session: 'session-17' },
}
for (const [name, filter] of Object.entries(lists))
  await measure(`list: ${name}`, async () => (await listCalls(database, filter, { limit: 50 })).calls.length)
await database.close()

async function measure(name: string, work: () => Promise<number>): Promise<void> {
  const times: number[] = []
  let rows = 0
  for (let round = 0; round < 3; round += 1) {
    const beganMs = performance.now()
    rows = await work()
    times.push(performance.now() - beganMs)
  }
  print(name, times.toSorted((one, other) => one - other)[1]!, `${rows} rows`)
}

function print(name: string, ms: number, note: string): void {
  printLine(`${name.padEnd(44)} ${ms.toFixed(1).padStart(8)} ms  ${note}`)
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}
