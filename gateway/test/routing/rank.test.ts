import { expect, test } from 'vitest'
import * as fc from 'fast-check'

import { findBusy, rankByConversation } from '../../src/routing/rank.ts'

const names = ['a', 'b', 'c', 'd']

test('gives each upstream the share of conversations that its weight says', () => {
  const weights: Readonly<Record<string, number>> = { a: 3, b: 1 }
  const counts = new Map<string, number>()
  for (let at = 0; at < 10_000; at += 1) {
    const [first = ''] = rankByConversation(['a', 'b'], `conversation ${at}`, (name) => weights[name] ?? 1)
    counts.set(first, (counts.get(first) ?? 0) + 1)
  }

  expect((counts.get('a') ?? 0) / 10_000).toBeCloseTo(0.75, 1)
})

test('an upstream with weight 0 gets no conversation', () => {
  expect(rankByConversation(['a', 'b'], 'any', (name) => (name === 'a' ? 0 : 1))).toEqual(['b'])
})

test('is the same in every process, and one upstream less moves only its own conversations', () => {
  fc.assert(
    fc.property(fc.string(), fc.shuffledSubarray(names, { minLength: 2 }), (conversation, some) => {
      const ranked = rankByConversation(some, conversation, () => 1)
      const [first] = ranked

      expect(ranked.toSorted()).toEqual(some.toSorted())
      expect(rankByConversation(some.toReversed(), conversation, () => 1)).toEqual(ranked)
      const others = some.filter((name) => name !== first)
      expect(rankByConversation(others, conversation, () => 1)).toEqual(ranked.slice(1))
    }),
  )
})

test('an upstream is busy with at least 8 open calls, more than its share and a quarter, and never each of a group', () => {
  const upstream = fc.record({ weight: fc.integer({ min: 0, max: 5 }), open: fc.nat(100) })
  fc.assert(
    fc.property(fc.array(upstream, { minLength: 1, maxLength: 5 }), (upstreams) => {
      const group = upstreams.map((_, index) => `upstream ${index}`)
      const find = (name: string) => upstreams[group.indexOf(name)] ?? { weight: 0, open: 0 }
      const taking = group.filter((name) => find(name).weight > 0)

      const busy = findBusy(
        group,
        (name) => find(name).weight,
        (name) => find(name).open,
      )

      const allOpen = taking.reduce((sum, name) => sum + find(name).open, 0)
      const allWeights = taking.reduce((sum, name) => sum + find(name).weight, 0)
      const isBusy = (name: string) =>
        find(name).open >= 8 && find(name).open * allWeights * 4 > 5 * allOpen * find(name).weight
      expect([...busy]).toEqual(taking.length < 2 ? [] : taking.filter(isBusy))
      expect(busy.size).toBeLessThan(group.length)
    }),
  )
})
