import { openLedger } from '../gateway/src/ledger/ledger.ts'
import { generateRows } from './ledger-rows.ts'

// Fills a data folder through the product's own writer:
//   node bench/fill-ledger.ts DIR CALLS [DAYS]
// With DAYS (default 365) the calls are spread over that time, until today.

const [dataFolder, callsText, daysText] = process.argv.slice(2)
const calls = Number(callsText)
if (dataFolder === undefined || !Number.isSafeInteger(calls) || calls < 1)
  throw new Error('usage: node bench/fill-ledger.ts DIR CALLS [DAYS]')

const ledger = await openLedger({ dataFolder, waitMs: 60_000 })
const startedMs = performance.now()
const untilMs = Math.floor(Date.now() / 86_400_000) * 86_400_000
let written = 0
let batch: Promise<void>[] = []
for (const row of generateRows({ calls, untilMs, days: Number(daysText ?? 365), seed: 1 })) {
  batch.push(ledger.write(row))
  written += 1
  if (batch.length < 1_000) continue
  await Promise.all(batch)
  batch = []
  if (written % 500_000 === 0) report()
}
await Promise.all(batch)
await ledger.close()
report()

function report(): void {
  const seconds = (performance.now() - startedMs) / 1_000
  printLine(`${written} calls in ${seconds.toFixed(1)} s, ${((seconds / written) * 1e6).toFixed(1)} µs each`)
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}
