import { expect, test } from 'vitest'

import { getMedianFirstTokenMs, mergeUpstreamStates } from '../../src/upstreams/upstream-state.ts'
import type { ModelState, UpstreamState } from '../../src/upstreams/upstream-state.ts'

test('adds the counts of the processes, and shows the worst state of a model', () => {
  const one = upstream({
    openCalls: 2,
    connections: 3,
    models: [
      model({ openings: 1, recentFirstTokenMs: [10, 20], quota: { usedTokens: 70, limitTokens: 1_000 } }),
    ],
  })
  const other = upstream({
    openCalls: 1,
    queuedCalls: 4,
    connections: 1,
    connectionsFull: 5,
    rejection: 'rejected',
    models: [
      model({
        state: 'open',
        failures: 5,
        lastFailureAtMs: 9,
        lastFailure: 'cannot be reached',
        openSinceMs: 8,
        openings: 2,
        nextTryAtMs: 30,
        recentFirstTokenMs: [60],
        quota: { usedTokens: 30, limitTokens: 1_000 },
      }),
      model({ model: 'haiku' }),
    ],
  })

  const merged = mergeUpstreamStates([[one], [other], []]).get('a')

  expect(merged).toEqual({
    upstream: 'a',
    openCalls: 3,
    queuedCalls: 4,
    connections: 4,
    connectionsFull: 5,
    rejection: 'rejected',
    models: [
      model({
        state: 'open',
        failures: 5,
        lastFailureAtMs: 9,
        lastFailure: 'cannot be reached',
        openSinceMs: 8,
        openings: 3,
        nextTryAtMs: 30,
        recentFirstTokenMs: [10, 20, 60],
        quota: { usedTokens: 100, limitTokens: 1_000 },
      }),
      model({ model: 'haiku' }),
    ],
  })
  expect(merged?.models.map(getMedianFirstTokenMs)).toEqual([20, null])
})

test('the order of the processes does not matter for the state', () => {
  const states = (['healthy', 'probe', 'open', 'blocked'] as const).map((state) =>
    upstream({ models: [model({ state })] }),
  )

  for (const one of states)
    for (const other of states) {
      const [there, back] = [
        mergeUpstreamStates([[one], [other]]).get('a')?.models[0]?.state,
        mergeUpstreamStates([[other], [one]]).get('a')?.models[0]?.state,
      ]
      expect(there).toBe(back)
      expect(states.indexOf(one) > states.indexOf(other) ? one : other).toMatchObject({
        models: [{ state: there }],
      })
    }
})

function upstream(given: Partial<UpstreamState>): UpstreamState {
  return {
    upstream: 'a',
    openCalls: 0,
    queuedCalls: 0,
    connections: 0,
    connectionsFull: 0,
    rejection: null,
    models: [],
    ...given,
  }
}

function model(given: Partial<ModelState>): ModelState {
  return {
    model: 'opus',
    state: 'healthy',
    failures: 0,
    lastFailureAtMs: null,
    lastFailure: null,
    refusal: null,
    openSinceMs: null,
    openings: 0,
    nextTryAtMs: null,
    exhausted: [],
    recentFirstTokenMs: [],
    quota: null,
    ...given,
  }
}
