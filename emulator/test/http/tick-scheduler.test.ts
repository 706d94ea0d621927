import { expect, test } from 'vitest'

import { createTurns } from '../../src/http/tick-scheduler.ts'

test('what waits is done later, in order and in one turn', async () => {
  const turns = createTurns()
  const done: string[] = []

  turns(() => done.push('a'))
  turns(() => done.push('b'))
  expect(done).toEqual([])
  await nextTurn()

  expect(done).toEqual(['a', 'b'])
})

test('what comes up while others are done waits for a turn of its own', async () => {
  const turns = createTurns()
  const done: string[] = []
  let isOtherDone = false
  turns(() => {
    setImmediate(() => {
      isOtherDone = true
    })
    turns(() => done.push(isOtherDone ? 'after others' : 'before others'))
  })

  await nextTurn()
  expect(done).toEqual([])
  await nextTurn()

  expect(done).toEqual(['after others'])
})

test('where one throws the others are done all the same', async () => {
  const turns = createTurns()
  const done: string[] = []
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
  const listeners = process.listeners('uncaughtException').slice(0, -1)
  for (const listener of listeners) process.off('uncaughtException', listener)

  turns(() => done.push('a'))
  turns(() => {
    throw new Error('broken')
  })
  turns(() => done.push('b'))

  expect(await thrown).toEqual(new Error('broken'))
  for (const listener of listeners) process.on('uncaughtException', listener)
  await nextTurn()
  expect(done).toEqual(['a', 'b'])
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
