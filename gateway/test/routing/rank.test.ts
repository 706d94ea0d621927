import { expect, test } from 'vitest'
import * as fc from 'fast-check'

import { rankByConversation } from '../../src/routing/rank.ts'

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
