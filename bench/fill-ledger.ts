import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { rollupSpans } from '../gateway/src/ledger/rollup.ts'
import { openLedger } from '../gateway/src/ledger/ledger.ts'
import { rollupStatements } from '../gateway/src/store/schema/rollups.ts'
import { openStore } from '../gateway/src/store/open-store.ts'
import { pause } from './child.ts'
import { generateRows } from './ledger-rows.ts'
import { readTarget } from './ledger-target.ts'

// Fills a store through the product's own writer, and waits until its coarser sums are derived:
//   node bench/fill-ledger.ts DIR|postgres://... CALLS [DAYS]
// With DAYS (default 365) the calls are spread over that time, until the last midnight (UTC).

const [target, callsText, daysText] = process.argv.slice(2)
const calls = Number(callsText)
if (target === undefined || !Number.isSafeInteger(calls) || calls < 1)
  throw new Error('usage: node bench/fill-ledger.ts DIR|postgres://... CALLS [DAYS]')

/** The journal may be this much ahead of the store. */
const maxLagBytes = 64 * 1024 * 1024

// With PostgreSQL the data folder has the journal only.
const journalFolder = mkdtempSync(join(tmpdir(), 'anthology-fill-'))
const location = readTarget(target, journalFolder)
const ledger = await openLedger({ ...location, waitMs: 60_000 })
const startedMs = performance.now()
const untilMs = Math.floor(Date.now() / rollupSpans.day) * rollupSpans.day
let written = 0
let batch: Promise<void>[] = []
for (const row of generateRows({ calls, untilMs, days: Number(daysText ?? 365), seed: 1 })) {
  batch.push(ledger.write(row))
  written += 1
  if (batch.length < 1_000) continue
  await Promise.all(batch)
  batch = []
  while (ledger.lag.bytes > maxLagBytes) await pause(10)
  if (written % 500_000 === 0) report(`${written} calls`)
}
await Promise.all(batch)
while (ledger.lag.records > 0) await pause(10)
report(`all ${written} calls`)

const database = await openStore(location, { isLocked: true })
const readProgress = async () =>
  Number((await database.query(rollupStatements.readProgress))[0]?.['until_ms'] ?? 0)
for (let progressMs = 0; progressMs < untilMs; progressMs = await readProgress()) await pause(1_000)
report('calls and coarser sums')
await database.close()
await ledger.close()
rmSync(journalFolder, { recursive: true })

function report(done: string): void {
  const seconds = (performance.now() - startedMs) / 1_000
  const megabytes = process.memoryUsage().rss / 1e6
  process.stdout.write(
    `${done}: ${seconds.toFixed(1)} s, ${((seconds / written) * 1e6).toFixed(1)} µs a call, ${megabytes.toFixed(0)} MB of memory\n`,
  )
}
