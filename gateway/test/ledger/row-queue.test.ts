import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'

import { decodeBatch } from '../../src/ledger/row-codec.ts'
import type { RowBatch } from '../../src/ledger/row-codec.ts'
import { createRowQueue } from '../../src/ledger/row-queue.ts'
import { until } from '../condition.ts'
import { callEnd, callStart } from './call-rows.ts'

test('sends calls that end in one turn of the event loop as one batch', async () => {
  const { queue, batches, confirm } = open()

  const written = [queue.write(ended('req_1')), queue.write(ended('req_2'))]
  await until('a batch is under way', () => batches.length === 1)
  confirm()
  await Promise.all(written)

  expect(batches.map(listIds)).toEqual([[[], ['req_1', 'req_2']]])
})

test('has one batch in flight, and collects the next meanwhile', async () => {
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
  expect(batches.map(listIds)).toEqual([
    [[], ['req_1']],
    [[], ['req_2', 'req_3']],
  ])
})

test('sends a start immediately when it is flushed, and the end as another row', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ streamed: true }), end: null })
  const begun = queue.flushStart('req_1')
  await turn()
  confirm()
  await begun
  void queue.write({ start: callStart({ streamed: true }), end: callEnd() })
  await turn()

  expect(batches.map(listIds)).toEqual([
    [['req_1'], []],
    [[], ['req_1']],
  ])
})

test('sends only the end of a call that is flushed and ends in the same turn', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ streamed: true }), end: null })
  const begun = queue.flushStart('req_1')
  const done = queue.write({ start: callStart({ streamed: true }), end: callEnd() })
  await turn()
  confirm()
  await Promise.all([begun, done])

  expect(batches.map(listIds)).toEqual([[[], ['req_1']]])
})

test('has nothing to flush for a start that is sent or does not exist', async () => {
  const { queue, batches } = open()

  void queue.write({ start: callStart(), end: null })
  await until('the beginning is under way', () => batches.length === 1)

  expect([queue.flushStart('req_1'), queue.flushStart('req_2')]).toEqual([null, null])
})

test('sends no start for a call that ends immediately, and soon that of another', async () => {
  const { queue, batches, confirm } = open()

  void queue.write({ start: callStart({ id: 'req_1' }), end: null })
  const begun = queue.write({ start: callStart({ id: 'req_2' }), end: null })
  void queue.write(ended('req_1'))
  await until('the end is under way', () => batches.length === 1)
  confirm()
  await until('the beginning follows', () => batches.length === 2)
  confirm()
  await begun

  expect(batches.map(listIds)).toEqual([
    [[], ['req_1']],
    [['req_2'], []],
  ])
})

test('never sends the start of a call that has ended', async () => {
  const { queue, batches, confirm } = open()

  const begun = queue.write({ start: callStart(), end: null })
  const done = queue.write(ended('req_1'))
  await until('the end is under way', () => batches.length === 1)
  confirm()
  await Promise.all([begun, done])

  expect(batches.map(listIds)).toEqual([[[], ['req_1']]])
})

test('sends changes in the batch of the rows before them', async () => {
  const { queue, batches } = open()

  void queue.write(ended('req_1'))
  void queue.change({ kind: 'deleted', id: 'file_1' })
  await turn()

  expect(batches).toMatchObject([
    { calls: [expect.anything()], changes: [{ kind: 'deleted', id: 'file_1' }] },
  ])
})

test('rejects overdue rows but still sends them, and gives later ones their own deadline', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] })
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
  expect(batches.map(listIds)).toEqual([
    [[], ['req_1']],
    [[], ['req_2']],
  ])
})

test('sends the rest when it is flushed, and rejects pending writes when it closes', async () => {
  const { queue, batches } = open()

  const begun = queue.write({ start: callStart(), end: null })
  queue.flush()
  queue.close()

  await expect(begun).rejects.toMatchObject({ code: 'ledger_failed' })
  expect(batches.map(listIds)).toEqual([[['req_1'], []]])
})

test.each([-3_600_000, 3_600_000])('is not affected by a clock change of %i ms', async (jumpMs) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { queue } = open(1_000)
  const late: number[] = []
  queue.write(ended('req_1')).catch(() => late.push(1))
  await turn()

  vi.setSystemTime(Date.now() + jumpMs)
  vi.advanceTimersByTime(900)
  await turn()
  const early = [...late]
  vi.advanceTimersByTime(500)
  await turn()

  expect([early, late]).toEqual([[], [1]])
})

test('rejects on close a write that came after the last flush', async () => {
  const { queue } = open()

  queue.flush()
  const begun = queue.write({ start: callStart(), end: null })
  const done = queue.write(ended('req_2'))
  queue.close()

  await expect(begun).rejects.toMatchObject({ code: 'ledger_failed' })
  await expect(done).rejects.toMatchObject({ code: 'ledger_failed' })
})

type Step =
  | { readonly kind: 'begin' | 'urge' | 'end'; readonly call: number }
  | { readonly kind: 'change' | 'turn' | 'confirm' | 'flush' }
  | { readonly kind: 'wait'; readonly ms: number }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('begin', 'urge', 'end'),
        call: fc.nat({ max: 11 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('turn', 'confirm', 'change') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush') }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 9, 10, 250, 1_300) }),
    },
  ),
  { minLength: 30, maxLength: 150, size: 'max' },
)

test('sends every row once and settles every promise, in any order of events', async () => {
  vi.useFakeTimers({
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  })
  onTestFinished(() => void vi.useRealTimers())
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { queue, batches, confirm } = open(1_000)
      const state = {
        begun: new Map<string, Promise<void>>(),
        urged: new Set<string>(),
        ended: new Set<string>(),
        changes: 0,
      }
      const outcomes: string[] = []
      let confirmed = 0
      let early = 0
      const isKnown = (id: string) =>
        batches.slice(0, confirmed).some((batch) => listIds(batch).flat().includes(id))
      const follow = (promise: Promise<void>, ids: readonly string[]) => {
        const at = outcomes.push('open') - 1
        const whenDurable = () => {
          outcomes[at] = 'durable'
          if (!ids.every(isKnown)) early += 1
        }
        promise.then(whenDurable, () => (outcomes[at] = 'late'))
      }
      const confirmOne = async () => {
        if (confirmed === batches.length) return
        confirmed += 1
        confirm()
        await turn()
      }
      const take = async (step: Step) => {
        switch (step.kind) {
          case 'begin': {
            const id = `req_${step.call}`
            // A call may be retried until its upstream has responded.
            if (state.ended.has(id) || state.urged.has(id)) return
            const begun = queue.write({ start: callStart({ id }), end: null })
            state.begun.set(id, begun)
            return follow(begun, [])
          }
          case 'urge': {
            const id = `req_${step.call}`
            const begun = state.begun.get(id)
            if (begun === undefined || state.ended.has(id) || state.urged.has(id)) return
            state.urged.add(id)
            return follow(queue.flushStart(id) ?? begun, [id])
          }
          case 'end': {
            const id = `req_${step.call}`
            if (!state.begun.has(id) || state.ended.has(id)) return
            state.ended.add(id)
            return follow(queue.write(ended(id)), [id])
          }
          case 'change':
            state.changes += 1
            return follow(queue.change({ kind: 'deleted', id: `file_${state.changes}` }), [])
          case 'turn':
            return turn()
          case 'confirm':
            return confirmOne()
          case 'flush':
            return queue.flush()
          case 'wait':
            vi.advanceTimersByTime(step.ms)
            return turn()
        }
      }

      for (const step of taken) await take(step)
      queue.flush()
      for (let rest = 0; rest < batches.length + 2; rest += 1) {
        await turn()
        await confirmOne()
      }
      const waiting = queue.waiting
      queue.close()

      const ends = batches.flatMap(({ calls }) => calls.map(([id]) => String(id)))
      expect(ends.toSorted()).toEqual([...state.ended].toSorted())
      const changes = batches.flatMap((batch) => batch.changes.map((change) => 'id' in change && change.id))
      expect(changes).toEqual(Array.from({ length: state.changes }, (_, at) => `file_${at + 1}`))
      // A call's start is sent unless its end came first, and never with or after its end.
      for (const id of state.begun.keys()) {
        const starts = batches.flatMap(({ starts: begun }, at) =>
          begun.some(([one]) => one === id) ? [at] : [],
        )
        const end = batches.findIndex(({ calls }) => calls.some(([one]) => one === id))
        if (end < 0) expect(starts).not.toEqual([])
        else expect(starts.filter((at) => at >= end)).toEqual([])
      }
      expect(outcomes).not.toContain('open')
      expect({ waiting, early }).toEqual({ waiting: 0, early: 0 })
    }),
    { numRuns: 150 },
  )
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

function listIds({ starts, calls }: RowBatch) {
  return [starts.map(([id]) => id), calls.map(([id]) => id)]
}

/** Waits for the end of this turn of the event loop. */
async function turn(): Promise<void> {
  for (let count = 0; count < 2; count += 1) await new Promise((resolve) => setImmediate(resolve))
}
