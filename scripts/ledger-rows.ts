// Measures the CPU time of one call's row: appended to the journal, and stored in the database with its sums in
// transactions of several sizes. docs/performance.md has the figures. `node scripts/ledger-rows.ts [ROWS] [DIR]`
// With DIR the rows are added to the ledger of this data folder, with starts of the next hours: the cost in a large ledger.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openJournal } from '../gateway/src/store/journal.ts'
import { openDatabase } from '../gateway/src/store/sqlite/database.ts'
import { createSqliteSink } from '../gateway/src/store/sqlite/sqlite-sink.ts'
import { createRequestId } from '../gateway/src/http/request-id.ts'
import { decodeBatch, encodeBatch } from '../gateway/src/ledger/row-codec.ts'
import { callEnd, callStart } from '../gateway/test/ledger/call-rows.ts'

const rows = Number(process.argv[2] ?? 30_000)
const rounds = 3

const given = process.argv[3]
const firstMs = given === undefined ? Date.UTC(2026, 0, 1) : Date.now()

/** Records of a journal with `perRecord` calls each, three calls in a millisecond. */
function createRecords(perRecord: number, from: number): readonly string[] {
  return Array.from({ length: Math.ceil(rows / perRecord) }, (_, record) => {
    const ended = Array.from({ length: perRecord }, (__, call) => {
      const startedAtMs = firstMs + from + Math.floor((record * perRecord + call) / 3)
      return {
        start: callStart({ id: createRequestId(startedAtMs), started_at_ms: startedAtMs }),
        end: callEnd({ upstream_request_id: createRequestId(startedAtMs) }),
      }
    })
    return encodeBatch([], ended, [])
  })
}

function measure(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / rows
}

function getMedian(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

const folder = mkdtempSync(join(tmpdir(), 'anthology-rows-'))
const journal = openJournal(join(folder, 'rows.journal'))
const sink = createSqliteSink(openDatabase(given ?? folder))

for (const perRecord of [1, 6, 100]) {
  const appended: number[] = []
  const stored: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const records = createRecords(perRecord, (round * 10 + perRecord) * rows)
    appended.push(measure(() => records.forEach((record) => journal.append([record]))))
    stored.push(
      measure(() =>
        records.forEach((record) => {
          const { starts: _starts, ...batch } = decodeBatch(record)
          // SQLite stores it before the promise is returned; an error ends the script.
          void sink.ingest({ ...batch, opened: [], closed: [], positions: [] })
        }),
      ),
    )
  }
  const figures = [appended, stored].map((values) => getMedian(values).toFixed(1))
  console.log(`${perRecord} calls at once: ${figures[0]} µs to append, ${figures[1]} µs to store`)
}

journal.close()
await sink.close()
rmSync(folder, { recursive: true })
