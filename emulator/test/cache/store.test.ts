import { expect, test } from 'vitest'

import { createCacheStore } from '../../src/cache/store.ts'

test('an entry is valid for its TTL after its last use', () => {
  const store = createCacheStore()

  store.write('short', '5m', 0)
  store.write('long', '1h', 0)
  store.refresh('short', 200_000)

  expect(store.has('short', 499_999)).toBe(true)
  expect(store.has('short', 500_000)).toBe(false)
  expect(store.has('long', 3_599_999)).toBe(true)
  expect(store.has('long', 3_600_000)).toBe(false)
})

test('an expired entry cannot be refreshed', () => {
  const store = createCacheStore()

  store.write('a', '5m', 0)
  store.refresh('a', 300_000)
  store.refresh('never', 0)

  expect(store.has('a', 300_000)).toBe(false)
  expect(store.has('never', 0)).toBe(false)
})

test('after two concurrent writes the longer TTL is kept', () => {
  const store = createCacheStore()

  store.write('a', '1h', 0)
  store.write('a', '5m', 0)

  expect(store.has('a', 3_599_999)).toBe(true)
})

test('a full store evicts the least recently used entry', () => {
  const store = createCacheStore(2)

  store.write('a', '1h', 0)
  store.write('b', '1h', 0)
  store.refresh('a', 1)
  store.write('c', '1h', 2)

  expect(['a', 'b', 'c'].map((key) => store.has(key, 3))).toEqual([true, false, true])
})
