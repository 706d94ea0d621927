import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createNewsGroups, maxWaiting } from '../../src/routing/process-news.ts'
import type { News } from '../../src/routing/process-news.ts'
import { parseNews, printNews } from '../../src/routing/news-payload.ts'
import { createWarmth } from '../../src/routing/warmth.ts'
import type { SharedAnswer } from '../../src/routing/warmth.ts'

const model = 'm'
const known = { conversation: 'one', agent: null, model }

const sharedAnswers = fc.array(
  fc.record({
    thread: fc.constantFrom(`one ${model}`, `two ${model}`, `three ${model}`),
    upstream: fc.constantFrom('aa', 'bb', 'c\u00e9'),
    model: fc.constantFrom('m', 'n'),
    cache: fc.record({ tokens: fc.nat(3), lifetimeMs: fc.constantFrom(300_000, 3_600_000) }),
    foreignMessages: fc.nat(2),
    atMs: fc.nat(5),
  }),
  { maxLength: 30 },
)

test('answers of other processes have the same result in any order and any groups', () => {
  fc.assert(
    fc.property(sharedAnswers, fc.infiniteStream(fc.nat(1_000)), (answers, random) => {
      const shuffled = answers
        .map((answer) => ({ answer, at: random.next().value }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ answer }) => answer)

      expect(readMerged([shuffled])).toEqual(readMerged(answers.map((answer) => [answer])))
    }),
  )
})

test('an answer of this process precedes an earlier one of another process, and the other way round', () => {
  let nowMs = 1_000
  const warmth = createWarmth({ nowMs: () => nowMs })
  const facts = { foreignMessages: undefined, isUsual: true, isBeginning: () => true }
  warmth.note(known, place('aa'), facts)

  warmth.merge([{ ...place('bb'), foreignMessages: 2, thread: `one ${model}`, atMs: 999 }])
  expect(warmth.find(known)?.upstream).toBe('aa')
  warmth.merge([{ ...place('bb'), foreignMessages: 2, thread: `one ${model}`, atMs: 1_001 }])
  expect(warmth.find(known)).toMatchObject({ upstream: 'bb', foreignMessages: 2 })
  nowMs = 301_002
  expect(warmth.find(known)?.isWarm).toBe(false)
})

test('the oldest of more than 50,000 conversations are forgotten, whichever process has answered them', () => {
  const warmth = createWarmth({ nowMs: () => 0 })
  const answers = Array.from({ length: 50_001 }, (_, at) => ({
    ...place('bb'),
    foreignMessages: 0,
    thread: `${at} ${model}`,
    atMs: 0,
  }))

  warmth.merge(answers)

  const isKnown = (at: number) => warmth.find({ conversation: `${at}`, agent: null, model }) !== null
  expect([0, 500, 501, 50_000].map(isKnown)).toEqual([false, false, true, true])
})

test('other processes learn of moves, of places that are not usual, and of conversations that this one met late', () => {
  let nowMs = 0
  const shared: string[] = []
  const warmth = createWarmth({ nowMs: () => nowMs, share: ({ upstream }) => shared.push(upstream) })
  const note = (conversation: string, upstream: string, isUsual: boolean, isBeginning = false) => {
    shared.length = 0
    const facts = { foreignMessages: undefined, isUsual, isBeginning: () => isBeginning }
    warmth.note({ conversation, agent: null, model }, place(upstream), facts)
    return shared.length > 0
  }

  expect(note('one', 'aa', true, true)).toBe(false)
  expect(note('one', 'aa', true)).toBe(false)
  expect(note('one', 'bb', false)).toBe(true)
  expect(note('one', 'bb', false)).toBe(false)
  nowMs = 30_000
  expect(note('one', 'bb', false)).toBe(true)
  expect(note('one', 'aa', true)).toBe(true)
  expect(note('one', 'aa', true)).toBe(false)
  expect(note('two', 'bb', false, true)).toBe(true)
  expect(note('three', 'aa', true)).toBe(true)
})

test('answers reach another server as they were, in payloads of limited size, and not their sender', () => {
  fc.assert(
    fc.property(sharedAnswers, fc.integer({ min: 90, max: 400 }), (answers, maxBytes) => {
      const payloads = printNews(answers, { sender: 'a', nowMs: 10, maxBytes })

      const read = payloads.flatMap((payload) => parseNews(payload, { sender: 'b', nowMs: 1_010 }))
      expect(read).toEqual(answers.map((answer) => ({ ...answer, atMs: answer.atMs + 1_000 })))
      for (const payload of payloads) {
        expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(maxBytes)
        expect(parseNews(payload, { sender: 'a', nowMs: 0 })).toEqual([])
      }
    }),
  )
})

test.each(['', 'text', '[]', '{"answers":1}', '{"answers":[1,[],["a","b","c",1,2,3],["a","b",3,1,2,3,4]]}'])(
  'the payload %j has no answers',
  (payload) => {
    expect(parseNews(payload, { sender: 'a', nowMs: 0 })).toEqual([])
  },
)

test.each(['-1', '0.5', '1e999', 'null', '"1"'])('an answer with the number %s is none', (number) => {
  for (let at = 0; at < 4; at += 1) {
    const numbers = [1, 1, 1, 1].map((usual, index) => (index === at ? number : usual))
    const payload = `{"answers":[["a","b","c",${numbers.join(',')}]]}`

    expect(parseNews(payload, { sender: 'a', nowMs: 0 })).toEqual([])
  }
})

test('what an upstream says about its account reaches another server beside answers', () => {
  const reports: readonly News[] = [
    { upstream: 'bedrock', model, exhausted: 'messages', forMs: 12_000 },
    { ...place('bb'), foreignMessages: 0, thread: 'one m', atMs: 10 },
    { upstream: 'claude', model, refusal: 'spend', reason: 'the limit is "reached"' },
  ]

  const [payload = '', ...more] = printNews(reports, { sender: 'a', nowMs: 10, maxBytes: 1_000 })

  expect(more).toEqual([])
  expect(parseNews(payload, { sender: 'b', nowMs: 10 })).toEqual(reports)
})

test.each([
  { upstream: 'a', model: 'm', exhausted: 'other', forMs: 1 },
  { upstream: 'a', model: 'm', exhausted: 'messages', forMs: -1 },
  { upstream: 'a', model: 'm', exhausted: 'messages', forMs: 1e300 },
  { upstream: 'a', model: 'm', refusal: 'other', reason: '' },
  { upstream: 'a', model: 'm', refusal: 'spend', reason: 1 },
  { upstream: 1, model: 'm', refusal: 'spend', reason: '' },
])('the report %j is none', (report) => {
  expect(parseNews(JSON.stringify({ answers: [report] }), { sender: 'a', nowMs: 0 })).toEqual([])
})

test('an answer that is larger than a payload is left out', () => {
  const answer = { ...place('bb'), foreignMessages: 0, atMs: 0 }
  const answers = [
    { ...answer, thread: 'x'.repeat(200) },
    { ...answer, thread: 'one m' },
  ]

  const payloads = printNews(answers, { sender: 'a', nowMs: 0, maxBytes: 150 })

  expect(payloads.flatMap((each) => parseNews(each, { sender: 'b', nowMs: 0 }))).toEqual([answers[1]])
})

test('the first answer is sent at once, those after it together, and the newest of too many', async () => {
  const groups: (readonly News[])[] = []
  const first = Promise.withResolvers<void>()
  const share = createNewsGroups({
    intervalMs: 1,
    send: (news) => {
      groups.push(news)
      return groups.length === 1 ? first.promise : undefined
    },
  })
  const make = (at: number, upstream = 'bb') => ({
    ...place(upstream),
    foreignMessages: 0,
    thread: `${at}`,
    atMs: at,
  })

  share([make(0)])
  expect(groups).toEqual([[make(0)]])
  for (let at = 1; at <= maxWaiting + 5; at += 1) share([make(at)])
  share([make(maxWaiting, 'aa')])
  expect(groups).toHaveLength(1)
  first.reject(new Error('PostgreSQL cannot be reached'))
  await expect.poll(() => groups).toHaveLength(2)

  const [, second = []] = groups
  expect(second).toHaveLength(maxWaiting)
  expect(second[0]).toEqual(make(6))
  expect(second.at(-1)).toEqual(make(maxWaiting, 'aa'))
})

function place(upstream: string) {
  return { upstream, model, cache: { tokens: 1, lifetimeMs: 300_000 } }
}

function readMerged(groups: readonly (readonly SharedAnswer[])[]) {
  const warmth = createWarmth({ nowMs: () => 5 })
  for (const group of groups) warmth.merge(group)
  return ['one', 'two', 'three'].map((conversation) => warmth.find({ conversation, agent: null, model }))
}
