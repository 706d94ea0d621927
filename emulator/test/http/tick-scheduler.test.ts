import { expect, test } from 'vitest'

import { createTickScheduler } from '../../src/http/tick-scheduler.ts'

test('scheduled functions run later, in order and in one iteration', async () => {
  const schedule = createTickScheduler()
  const done: string[] = []

  schedule(() => done.push('a'))
  schedule(() => done.push('b'))
  expect(done).toEqual([])
  await nextTurn()

  expect(done).toEqual(['a', 'b'])
})

test('a function scheduled while others run waits for the next iteration', async () => {
  const schedule = createTickScheduler()
  const done: string[] = []
  let isOtherDone = false
  schedule(() => {
    setImmediate(() => {
      isOtherDone = true
    })
    schedule(() => done.push(isOtherDone ? 'after others' : 'before others'))
  })

  await nextTurn()
  expect(done).toEqual([])
  await nextTurn()

  expect(done).toEqual(['after others'])
})

test('if one function throws, the others still run', async () => {
  const schedule = createTickScheduler()
  const done: string[] = []
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
  const listeners = process.listeners('uncaughtException').slice(0, -1)
  for (const listener of listeners) process.off('uncaughtException', listener)

  schedule(() => done.push('a'))
  schedule(() => {
    throw new Error('broken')
  })
  schedule(() => done.push('b'))

  expect(await thrown).toEqual(new Error('broken'))
  for (const listener of listeners) process.on('uncaughtException', listener)
  await nextTurn()
  expect(done).toEqual(['a', 'b'])
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
