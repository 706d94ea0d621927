import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createCallQueue } from '../../src/rates/queue.ts'
import type { QueueSlot, QueueLimits } from '../../src/rates/queue.ts'

const patient = { concurrentCalls: 2, queuedCalls: 100, queueMs: 60_000 }

test('admits as many calls as may run immediately', () => {
  const { queue } = start(patient)

  expect(['a', 'b', 'c'].map((key) => queue.enter(key).kind)).toEqual(['slot', 'slot', 'queued'])
  expect([queue.running, queue.waiting]).toEqual([2, 1])
})

test('admits the keys in turn, and the calls of a key in order', async () => {
  const { queue } = start({ ...patient, concurrentCalls: 1 })
  const order: string[] = []
  const first = queue.enter('a')
  const names = ['a1', 'a2', 'a3', 'b1', 'a4', 'c1', 'b2']
  const done = names.map(async (name) => {
    const call = queue.enter(name.charAt(0))
    if (call.kind !== 'queued') throw new Error(`${name} was not queued`)
    const slot = await call.turn
    order.push(name)
    leave(slot)
  })

  leave(first)
  await Promise.all(done)

  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
  expect([queue.running, queue.waiting]).toEqual([0, 0])
})

test('rejects a call that cannot start in time, with the expected wait', () => {
  const { queue, clock } = start({ concurrentCalls: 2, queuedCalls: 100, queueMs: 10_000 })
  const slots = [queue.enter('a'), queue.enter('a')]
  clock.nowMs += 8_000
  for (const slot of slots) leave(slot)
  queue.enter('a')
  queue.enter('a')

  // Calls take eight seconds, and two run: each waiting call adds four.
  expect([queue.enter('a').kind, queue.enter('a').kind]).toEqual(['queued', 'queued'])
  expect(queue.enter('a')).toEqual({ kind: 'rejected', limit: 'queueMs', retryAfterMs: 12_000 })
  // Another key waits for one call of the first key, not for all of them.
  expect(queue.enter('b').kind).toBe('queued')
})

test('rejects a call when the queue is full', () => {
  const { queue } = start({ ...patient, queuedCalls: 1 })
  for (let call = 0; call < 3; call += 1) queue.enter('a')

  expect(queue.enter('b')).toEqual({ kind: 'rejected', limit: 'queuedCalls', retryAfterMs: 0 })
})

test('rejects at the deadline a call that was expected to start sooner', async () => {
  const { queue } = start({ concurrentCalls: 1, queuedCalls: 10, queueMs: 20 })
  queue.enter('a')
  const call = queue.enter('a')
  if (call.kind !== 'queued') throw new Error('it was not queued')

  expect(await call.turn).toEqual({ kind: 'rejected', limit: 'queueMs', retryAfterMs: 0 })
  expect(queue.waiting).toBe(0)
})

test('removes a call whose client disconnected', async () => {
  const { queue } = start({ ...patient, concurrentCalls: 1 })
  const first = queue.enter('a')
  const [gone, next] = [queue.enter('a'), queue.enter('a')]
  if (gone.kind !== 'queued' || next.kind !== 'queued') throw new Error('it was not queued')

  gone.cancel()
  gone.cancel()
  leave(first)

  expect((await next.turn).kind).toBe('slot')
  expect([queue.running, queue.waiting]).toEqual([1, 0])
})

test('a slot that is left twice is freed once', () => {
  const { queue } = start(patient)
  const slot = queue.enter('a')
  queue.enter('a')

  leave(slot)
  leave(slot)

  expect(queue.running).toBe(1)
})

test('never exceeds the concurrency, and loses no call', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('enter', 'leave', 'cancel'), fc.nat(3), fc.nat()), {
    maxLength: 80,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { queue } = start({ concurrentCalls: 3, queuedCalls: 20, queueMs: 60_000 })
      const slots: QueueSlot[] = []
      const cancels: (() => void)[] = []
      let [entered, cancelled] = [0, 0]
      for (const [step, key, pick] of all) {
        if (step === 'enter') {
          const call = queue.enter(`key ${key}`)
          if (call.kind === 'rejected') continue
          entered += 1
          if (call.kind === 'slot') slots.push(call)
          else {
            const index = cancels.push(() => call.cancel()) - 1
            void call.turn.then((slot) => {
              cancels[index] = () => {}
              return slot.kind === 'slot' && slots.push(slot)
            })
          }
        } else if (step === 'leave') slots.splice(pick % Math.max(1, slots.length), 1)[0]?.leave()
        else {
          const before = queue.waiting
          cancels[pick % Math.max(1, cancels.length)]?.()
          cancelled += before - queue.waiting
        }
        await Promise.resolve()
        expect(queue.running).toBeLessThanOrEqual(3)
        expect(queue.waiting > 0 && queue.running < 3).toBe(false)
      }
      let left = 0
      for (let slot = slots.pop(); slot !== undefined || queue.waiting > 0; slot = slots.pop()) {
        slot?.leave()
        left += 1
        await Promise.resolve()
        if (left > 200) throw new Error('somebody was forgotten')
      }
      expect([queue.running, queue.waiting]).toEqual([0, 0])
      expect(entered).toBeGreaterThanOrEqual(cancelled)
    }),
    { numRuns: 200 },
  )
})

function start(limits: QueueLimits) {
  const clock = { nowMs: 0 }
  return { clock, queue: createCallQueue(limits, () => clock.nowMs) }
}

function leave(slot: { readonly kind: string; leave?: () => void }): void {
  if (slot.leave === undefined) throw new Error(`this is no slot but '${slot.kind}'`)
  slot.leave()
}
