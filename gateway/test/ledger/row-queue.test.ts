import { expect, test, vi } from 'vitest'

import { type RowBatch, decodeBatch } from '../../src/ledger/row-codec.ts'
import { createRowQueue } from '../../src/ledger/row-queue.ts'
import { until } from '../condition.ts'
import { callEnd, callStart } from './call-rows.ts'

test('sends what ends in one turn of the event loop as one batch', async () => {
  const { queue, batches, confirm } = open()

  const written = [queue.write(ended('req_1')), queue.write(ended('req_2'))]
  await until('a batch is under way', () => batches.length === 1)
  confirm()
  await Promise.all(written)

  expect(batches.map(idsOf)).toEqual([[[], ['req_1', 'req_2']]])
})

test('has one batch under way, and gathers the next meanwhile', async () => {
  const { queue, batches, confirm } = open()
  void queue.write(ended('req_1'))
  await until('a batch is under way', () => batches.length === 1)

  const second = queue.write(ended('req_2'))
  await turn()
  const third = queue.write(ended('req_3'))
  await turn()
  const sentBefore = batches.length
  confirm()
  await until('the next follows', () => batches.length === 2)
  confirm()
  await Promise.all([second, third])

  expect(sentBefore).toBe(1)
  expect(batches.map(idsOf)).toEqual([
    [[], ['req_1']],
    [[], ['req_2', 'req_3']],
  ])
})

test('sends a beginning at once when it is urged, and a row follows for its end', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ streamed: true }), end: null })
  const begun = queue.urge('req_1')
  await turn()
  confirm()
  await begun
  void queue.write({ start: callStart({ streamed: true }), end: callEnd() })
  await turn()

  expect(batches.map(idsOf)).toEqual([
    [['req_1'], []],
    [[], ['req_1']],
  ])
})

test('sends nothing but the end of a call that is urged and ends in the same turn', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ streamed: true }), end: null })
  const begun = queue.urge('req_1')
  const done = queue.write({ start: callStart({ streamed: true }), end: callEnd() })
  await turn()
  confirm()
  await Promise.all([begun, done])

  expect(batches.map(idsOf)).toEqual([[[], ['req_1']]])
})

test('has nothing to urge once a beginning is on its way, or has none', async () => {
  const { queue, batches } = open()

  void queue.write({ start: callStart(), end: null })
  await until('the beginning is under way', () => batches.length === 1)

  expect([queue.urge('req_1'), queue.urge('req_2')]).toEqual([null, null])
})

test('sends no beginning of a call that ends at once, and that of another soon', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ id: 'req_1' }), end: null })
  const begun = queue.write({ start: callStart({ id: 'req_2' }), end: null })
  void queue.write(ended('req_1'))
  await until('the end is under way', () => batches.length === 1)
  confirm()
  await until('the beginning follows', () => batches.length === 2)
  confirm()
  await begun

  expect(batches.map(idsOf)).toEqual([
    [[], ['req_1']],
    [['req_2'], []],
  ])
})

test('keeps the beginning of a call that has ended out of every batch', async () => {
  const { queue, batches, confirm } = open()

  const begun = queue.write({ start: callStart(), end: null })
  const done = queue.write(ended('req_1'))
  await until('the end is under way', () => batches.length === 1)
  confirm()
  await Promise.all([begun, done])

  expect(batches.map(idsOf)).toEqual([[[], ['req_1']]])
})

test('makes changes in the batch of the rows before them', async () => {
  const { queue, batches } = open()

  void queue.write(ended('req_1'))
  void queue.change({ kind: 'deleted', id: 'file_1' })
  await turn()

  expect(batches).toMatchObject([
    { calls: [expect.anything()], changes: [{ kind: 'deleted', id: 'file_1' }] },
  ])
})

test('rejects rows that are late and sends them all the same, with a deadline of their own for later ones', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'Date'] })
  const { queue, batches } = open(1_000)
  const first = queue.write(ended('req_1'))
  await turn()
  const second = queue.write(ended('req_2'))
  const outcomes: string[] = []
  for (const row of [first, second]) row.catch(() => outcomes.push('late'))

  vi.advanceTimersByTime(900)
  await turn()
  const early = [...outcomes]
  vi.advanceTimersByTime(500)
  const third = queue.write(ended('req_3'))
  third.catch(() => outcomes.push('third'))
  await turn()
  vi.useRealTimers()

  expect(early).toEqual([])
  expect(outcomes).toEqual(['late', 'late'])
  expect(batches.map(idsOf)).toEqual([
    [[], ['req_1']],
    [[], ['req_2']],
  ])
})

test('sends the rest when it is flushed, and rejects who still waits when it closes', async () => {
  const { queue, batches } = open()

  const begun = queue.write({ start: callStart(), end: null })
  queue.flush()
  queue.close()

  await expect(begun).rejects.toMatchObject({ code: 'ledger_failed' })
  expect(batches.map(idsOf)).toEqual([[['req_1'], []]])
})

function open(waitMs = 60_000) {
  const batches: RowBatch[] = []
  const confirmations: (() => void)[] = []
  const queue = createRowQueue({
    waitMs,
    send(batch) {
      batches.push(decodeBatch(batch))
      return new Promise((resolve) => confirmations.push(resolve))
    },
  })
  return { queue, batches, confirm: () => confirmations.shift()?.() }
}

function ended(id: string) {
  return { start: callStart({ id }), end: callEnd() }
}

function idsOf({ starts, calls }: RowBatch) {
  return [starts.map(([id]) => id), calls.map(([id]) => id)]
}

/** Until everything that is due in this turn of the event loop has happened. */
async function turn(): Promise<void> {
  for (let count = 0; count < 2; count += 1) await new Promise((resolve) => setImmediate(resolve))
}
