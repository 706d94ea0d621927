import { expect, test } from 'vitest'

import { createTickScheduler } from '../../src/http/tick-scheduler.ts'

test('what waits is done later, in order and in one turn', async () => {
  const schedule = createTickScheduler()
  const done: string[] = []

  schedule(() => done.push('a'))
  schedule(() => done.push('b'))
  expect(done).toEqual([])
  await nextTurn()

  expect(done).toEqual(['a', 'b'])
})

test('what comes up while others are done waits for a turn of its own', async () => {
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

test('where one throws the others are done all the same', async () => {
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
