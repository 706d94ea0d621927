import { expect, test } from 'vitest'

import { runConversations } from './affinity.ts'
import { planConversations } from './planned-conversations.ts'

test('three upstreams have the prompt-cache hits of a single one, and share the conversations', async () => {
  const single = await runConversations(100, 1)
  const three = await runConversations(100, 3)

  expect(single.hitShare).toBeGreaterThan(0.5)
  expect(three.hitShare).toBeGreaterThan(single.hitShare * 0.98)
  expect(three.moved).toBe(0)
  expect(three.minShare).toBeGreaterThan(0.2)
})

const together = [['aa', 'bb', 'cc']]
const oneByOne = [['aa'], ['bb'], ['cc']]

test.each([
  ['in one group', together],
  ['in groups of their own', oneByOne],
])(
  'none of 10,000 conversations with bound thinking moves silently, with upstreams %s',
  async (_, groups) => {
    const report = await planConversations(10_000, { groups, failureShare: 0.05, seed: 7 })

    expect(report.calls).toBe(40_000)
    expect(report.failures).toBeGreaterThan(1_000)
    expect(report.moved).toBeGreaterThan(1_000)
    expect(report.silent).toBe(0)
    // A conversation moves because of a failure, and does not return by itself.
    expect(report.left).toBeGreaterThan(100)
    expect(report.left).toBeLessThanOrEqual(report.failures)
    expect(report.needless).toBe(0)
  },
)

test('none moves silently either where each call goes to one of three processes', async () => {
  const outages = { groups: together, failureShare: 0.05, seed: 7 }

  const report = await planConversations(5_000, { ...outages, processes: 3 })
  const healthy = await planConversations(1_000, { ...outages, failureShare: 0, processes: 3 })

  expect(report).toMatchObject({ calls: 20_000, silent: 0 })
  expect(report.moved).toBeGreaterThan(500)
  expect(report.left).toBeLessThanOrEqual(report.failures)
  expect(healthy).toMatchObject({ calls: 4_000, moved: 0, silent: 0, needless: 0 })
  // A process informs the others of a conversation that it meets in the middle, which they then know as well.
  expect(healthy.shared).toBeLessThanOrEqual(1_000)
  const loaded = await planConversations(1_000, {
    ...outages,
    failureShare: 0,
    processes: 3,
    isLoaded: true,
  })
  expect(loaded).toMatchObject({ calls: 4_000, moved: 0, silent: 0, needless: 0 })
})

test('no conversation with bound thinking moves while every upstream is healthy', async () => {
  const report = await planConversations(1_000, { groups: together, failureShare: 0, seed: 7 })

  expect(report).toMatchObject({ calls: 4_000, moved: 0, silent: 0, needless: 0 })
})
