import { expect, test } from 'vitest'

import { createOpenStreams } from '../../src/rates/open-streams.ts'

test('counts streams per key and in total, and names the limit that is reached', () => {
  const streams = createOpenStreams({ openStreams: 3, openStreamsPerKey: 2 })

  const opened = ['a', 'a', 'a', 'b', 'b'].map((key) => streams.open(key))

  expect(opened.map((one) => (one.ok ? 'open' : one.limit))).toEqual([
    'open',
    'open',
    'openStreamsPerKey',
    'open',
    'openStreams',
  ])
  expect(streams.count).toBe(3)
})

test('a stream that is closed twice is counted once', () => {
  const streams = createOpenStreams({ openStreams: 2, openStreamsPerKey: 1 })
  const first = streams.open('a')
  if (first.ok) {
    first.close()
    first.close()
  }

  expect(streams.count).toBe(0)
  expect(streams.open('a').ok).toBe(true)
  expect(streams.open('a').ok).toBe(false)
})
