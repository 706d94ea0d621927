import { expect, test } from 'vitest'

import { PendingReplies } from '../../src/cluster/pending-replies.ts'

test('every request gets the reply with its number, in any order', async () => {
  const questions = new PendingReplies<string>()
  const sent: number[] = []
  const asked = ['a', 'b', 'c'].map(() => questions.request((number) => void sent.push(number)))
  const refused = expect(asked[2]).rejects.toThrow('no')

  questions.resolve(sent[1] ?? 0, 'second')
  questions.resolve(sent[0] ?? 0, 'first')
  questions.reject(sent[2] ?? 0, new Error('no'))

  expect(await Promise.all(asked.slice(0, 2))).toEqual(['first', 'second'])
  await refused
})

test('a request without a reply in time resolves to its fallback, and is forgotten', async () => {
  const questions = new PendingReplies<string>()
  const sent: number[] = []

  const asked = questions.request((number) => void sent.push(number), { afterMs: 5, resolve: 'nothing' })

  expect(await asked).toBe('nothing')
  await questions.settled()
  questions.resolve(sent[0] ?? 0, 'late')
  expect(await asked).toBe('nothing')
})

test('all requests to an exited peer resolve immediately', async () => {
  const questions = new PendingReplies<string>()
  const asked = [1, 2].map(() => questions.request(() => {}, { afterMs: 60_000, resolve: 'late' }))

  questions.resolveAll('gone')

  expect(await Promise.all(asked)).toEqual(['gone', 'gone'])
  await questions.settled()
})
