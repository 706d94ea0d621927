import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { repository } from '../anthology-process.ts'
import { cells, nameCell, runMatrix } from './fault-cells.ts'
import type { CellResult } from './fault-cells.ts'
import { printPage } from './fault-page.ts'
import { faults } from './faults.ts'
import type { Fault, FaultName } from './faults.ts'
import { messageUsage } from './platform-answers.ts'

let results: readonly CellResult[] = []

beforeAll(async () => {
  results = await runMatrix()
})

/** The failed combinations that a report shows. */
const maxShown = 5

const unreached: ReadonlySet<FaultName> = new Set(['refused', 'tls'])

/** Refusals and unreachable upstreams: the next upstream is asked. */
const moving: ReadonlySet<FaultName> = new Set([
  'refused',
  'tls',
  'status-401',
  'status-403',
  'status-404',
  'status-424',
  'status-429',
  'status-429-later',
  'spend-429',
  'spend-402',
  'spend-400',
  'status-500',
  'status-503',
  'status-529',
])

/** A stream that failed before its content moves too. */
const movingStreams: ReadonlySet<FaultName> = new Set([
  'reset-after-head',
  'error-early',
  'cut-early',
  'silence-after-head',
])

/** A stream moves where its platform's format shows the failure before there is content. */
const formatFaults: ReadonlySet<FaultName> = new Set(['page', 'corrupt-early'])

test('every combination was run, and each client got an answer or a clean error of its own protocol', () => {
  expect(results).toHaveLength(cells.length)
})

/** It moves, or is repeated where no other upstream is left, although it may be billed. */
const modelFailure: FaultName = 'status-424'

test('a failure that is no timeout moves to the next upstream, and so does a stream without content', () => {
  const stuck = results.filter(({ cell, kind }) => {
    const moves = moving.has(cell.fault) || (cell.stream && movingStreams.has(cell.fault))
    return cell.hasOther && moves && kind !== 'answer'
  })

  expect(stuck.slice(0, maxShown).map(describe)).toEqual([])
})

test('no other upstream is asked after content, or after a plain call that may have run to its end', () => {
  const doubled = results.filter(({ cell, asked }) => {
    const { mayBill }: Fault = faults[cell.fault]
    const mayMove = cell.stream && (movingStreams.has(cell.fault) || formatFaults.has(cell.fault))
    return mayBill && !mayMove && cell.fault !== modelFailure && asked.second > 0
  })

  expect(doubled.slice(0, maxShown).map(describe)).toEqual([])
})

test('each call has one row with its result, and each attempt that moved on and may be billed one of its own', () => {
  const wrong = results.filter(({ cell, asked, kind, writer, rows, callId, attempts }) => {
    const { mayBill }: Fault = faults[cell.fault]
    const own = rows.filter(({ id }) => id === callId)
    const [row] = own
    if (own.length !== 1 || row === undefined) return true
    if ((row['outcome'] === 'answered') !== (kind === 'answer')) return true
    if (kind === 'answer' && (row['upstream'] !== writer || attempts !== row['attempts'])) return true
    const moves = asked.second > 0 ? 1 : 0
    const repeats = cell.fault === modelFailure ? asked.first - 1 : 0
    return rows.length - 1 !== (mayBill ? moves + repeats : 0)
  })

  expect(wrong.slice(0, maxShown).map(describe)).toEqual([])
})

test('what may be billed has usage in the ledger, and what cannot be billed has none', () => {
  const wrong = results.filter(({ cell, rows }) => {
    const { mayBill }: Fault = faults[cell.fault]
    return rows.some(({ outcome, usage }) => {
      if (outcome === 'answered') return usage !== JSON.stringify(messageUsage)
      return (usage !== null) !== mayBill
    })
  })

  expect(wrong.slice(0, maxShown).map(describe)).toEqual([])
})

test('the ledger counts as many attempts as the upstreams were asked', () => {
  const wrong = results.filter(({ cell, asked, rows, callId }) => {
    const row = rows.find(({ id }) => id === callId)
    return !unreached.has(cell.fault) && Number(row?.['attempts']) !== asked.first + asked.second
  })

  expect(wrong.slice(0, maxShown).map(describe)).toEqual([])
})

test('docs/faults.md says what was measured', () => {
  expect(readFileSync(join(repository, 'docs/faults.md'), 'utf8')).toBe(printPage(results))
})

function describe({ cell, asked, kind, rows, attempts }: CellResult): string {
  const told = rows.map(({ id, outcome, usage, attempts: counted }) => ({ id, outcome, usage, counted }))
  return `${cell.platform} ${nameCell(cell)}: ${kind} ${JSON.stringify({ asked, attempts, told })}`
}
