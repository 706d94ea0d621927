import { expect, test } from 'vitest'

import { runConversations } from './affinity.ts'

test('three upstreams have the prompt-cache hits of a single one, and share the conversations', async () => {
  const single = await runConversations(300, 1)
  const three = await runConversations(300, 3)

  expect(single.hitShare).toBeGreaterThan(0.5)
  expect(three.hitShare).toBeGreaterThan(single.hitShare * 0.98)
  expect(three.moved).toBe(0)
  expect(three.minShare).toBeGreaterThan(0.2)
})
