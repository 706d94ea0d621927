import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { repository } from '../anthology-process.ts'
import { cells, nameCell, runMatrix } from './fault-cells.ts'
import type { CellResult } from './fault-cells.ts'
import { printPage } from './fault-page.ts'
import { getFault, isUnreached } from './faults.ts'
import type { FaultName } from './faults.ts'
import { matches } from './faults/fault.ts'
import { messageUsage } from './platform-answers.ts'

let results: readonly CellResult[] = []

beforeAll(async () => {
  results = await runMatrix()
})

test('every combination was run, and each client got an answer or a clean error of its own protocol', () => {
  expect(results).toHaveLength(cells.length)
})

test('every upstream that can be reached was asked', () => {
  expectNone(({ cell, asked }) => asked.first === 0 && !isUnreached(cell.fault))
})

test('a call moves to the next upstream if its kind of failure allows it, and no other call does', () => {
  expectNone(({ cell, asked, writer }) => {
    const mayMove = cell.hasOther && matches(getFault(cell.fault).moves, cell)
    return (writer === 'second') !== mayMove || asked.second !== (mayMove ? 1 : 0)
  })
})

test('an answer in a rare form is an answer, and nothing else of a faulty upstream is', () => {
  expectNone(({ cell, writer }) => (writer === 'first') !== matches(getFault(cell.fault).answers, cell))
})

/** It is repeated where no other upstream is left, although it may be billed. */
const modelFailure: FaultName = 'status-424'

test('each call has one row with its result, and each attempt that moved on and may be billed one of its own', () => {
  expectNone(({ cell, asked, kind, writer, rows, callId, attempts }) => {
    const own = rows.filter(({ id }) => id === callId)
    const [row] = own
    if (own.length !== 1 || row === undefined) return true
    if ((row['outcome'] === 'answered') !== (kind === 'answer')) return true
    if (kind === 'answer' && (row['upstream'] !== writer || attempts !== row['attempts'])) return true
    const repeats = cell.fault === modelFailure ? asked.first - 1 : 0
    return rows.length - 1 !== (getFault(cell.fault).mayBill ? asked.second + repeats : 0)
  })
})

test('what may be billed has usage in the ledger, and what cannot be billed has none', () => {
  const whole = JSON.stringify(messageUsage)
  expectNone(({ cell, rows }) => {
    const { mayBill, reportsUsage } = getFault(cell.fault)
    return rows.some(({ outcome, usage, usage_source: source }) => {
      if (outcome === 'answered') return usage !== whole
      if (reportsUsage === true) return usage !== whole || source !== 'cumulative'
      return (usage !== null) !== mayBill
    })
  })
})

test('a stream that had begun is billed with the input that its upstream reported, and no more output than there was', () => {
  expectNone(({ kind, rows }) =>
    rows.some(({ usage }) => {
      if (kind !== 'error event') return false
      const { input_tokens: input, output_tokens: output } = JSON.parse(String(usage)) as typeof messageUsage // As the ledger writes it.
      return input !== messageUsage.input_tokens || output < 1 || output > messageUsage.output_tokens
    }),
  )
})

test('the ledger counts as many attempts as the upstreams were asked', () => {
  expectNone(({ cell, asked, rows, callId }) => {
    const row = rows.find(({ id }) => id === callId)
    if (isUnreached(cell.fault)) return asked.first > 0
    return Number(row?.['attempts']) !== asked.first + asked.second
  })
})

test('a client that signs its requests gets what one with a key gets', () => {
  const kinds = new Map(results.map((result) => [getKey(result), result.kind]))

  expectNone((result) => result.kind !== kinds.get(getKey({ cell: { ...result.cell, signed: false } })))
  expect(results.filter(({ cell }) => cell.signed).length).toBeGreaterThan(100)
})

test('docs/faults.md says what was measured', () => {
  expect(readFileSync(join(repository, 'docs/faults.md'), 'utf8')).toBe(printPage(results))
})

/** The failed combinations that a report shows. */
const maxShown = 5

function expectNone(isWrong: (result: CellResult) => boolean): void {
  expect(results.filter(isWrong).slice(0, maxShown).map(describe)).toEqual([])
}

function getKey({ cell }: Pick<CellResult, 'cell'>): string {
  return `${cell.upstream} ${nameCell(cell)}`
}

function describe(result: CellResult): string {
  const { asked, kind, writer, rows, attempts } = result
  const stored = rows.map(({ id, outcome, usage, usage_source: source, attempts: counted }) => ({
    id,
    outcome,
    usage,
    source,
    counted,
  }))
  return `${getKey(result)}: ${kind} by ${writer} ${JSON.stringify({ asked, attempts, stored })}`
}
