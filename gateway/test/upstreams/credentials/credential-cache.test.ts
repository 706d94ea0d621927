import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createCredentialCache } from '../../../src/upstreams/credentials/credential-cache.ts'
import { createClock } from './credential-server.ts'

const hourMs = 3_600_000
const reuse = { forceRefresh: false }

test('a credential is fetched once and used by all callers', async () => {
  const { cache, fetched } = createCounted()

  const values = await Promise.all(Array.from({ length: 20 }, () => cache(reuse)))

  expect(new Set(values)).toEqual(new Set(['credential 1']))
  expect(fetched()).toBe(1)
})

test('near its end it is renewed in the background, while callers keep the old one', async () => {
  const { cache, clock, fetched } = createCounted()
  await cache(reuse)
  clock.advance(hourMs - 200_000)

  expect(await cache(reuse)).toBe('credential 1')
  await settle()
  expect(await cache(reuse)).toBe('credential 2')
  expect(fetched()).toBe(2)
})

test('an expired credential is never returned', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2 * hourMs }), { maxLength: 30 }), async (steps) => {
      const clock = createClock()
      const cache = createCredentialCache({
        fetch: async () => ({ value: clock.nowMs() + hourMs, expiresAtMs: clock.nowMs() + hourMs }),
        nowMs: clock.nowMs,
      })
      for (const step of steps) {
        clock.advance(step)
        expect(await cache(reuse)).toBeGreaterThan(clock.nowMs())
        await settle()
      }
    }),
  )
})

test('a rejected credential is replaced once, however many calls report it', async () => {
  const { cache, fetched } = createCounted()
  await cache(reuse)

  const values = await Promise.all(Array.from({ length: 20 }, () => cache({ forceRefresh: true })))

  expect(new Set(values)).toEqual(new Set(['credential 2']))
  expect(await cache({ forceRefresh: true })).toBe('credential 2')
  expect(fetched()).toBe(2)
})

test('a failed source is asked again after five seconds, not by every call', async () => {
  const clock = createClock()
  let asked = 0
  const cache = createCredentialCache({
    fetch: async () => {
      asked += 1
      if (asked < 3) throw new Error(`no answer ${asked}`)
      return { value: 'credential', expiresAtMs: null }
    },
    nowMs: clock.nowMs,
  })

  await expect(cache(reuse)).rejects.toThrow('no answer 1')
  await expect(cache(reuse)).rejects.toThrow('no answer 1')
  clock.advance(5_000)
  await expect(cache(reuse)).rejects.toThrow('no answer 2')
  clock.advance(5_000)
  expect(await cache(reuse)).toBe('credential')
})

test('a source that fails near the end of a valid credential harms no call', async () => {
  const clock = createClock()
  let asked = 0
  const cache = createCredentialCache({
    fetch: async () => {
      asked += 1
      if (asked > 1) throw new Error('no answer')
      return { value: 'credential', expiresAtMs: clock.nowMs() + hourMs }
    },
    nowMs: clock.nowMs,
  })
  await cache(reuse)
  clock.advance(hourMs - 10_000)

  expect(await cache(reuse)).toBe('credential')
  await settle()
  expect(await cache(reuse)).toBe('credential')
  expect(asked).toBe(2)
  clock.advance(10_000)
  await expect(cache(reuse)).rejects.toThrow('no answer')
})

function createCounted() {
  const clock = createClock()
  let count = 0
  const cache = createCredentialCache({
    fetch: async () => {
      count += 1
      return { value: `credential ${count}`, expiresAtMs: clock.nowMs() + hourMs }
    },
    nowMs: clock.nowMs,
  })
  return { cache, clock, fetched: () => count }
}

/** Lets the background refresh end. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
