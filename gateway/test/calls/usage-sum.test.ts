import { expect, test } from 'vitest'

import { createUsageSum, maxUsageLength } from '../../src/calls/usage-sum.ts'

test('merges the usage of events', () => {
  const sum = createUsageSum()
  expect(sum.read()).toBeNull()

  sum.add({ input_tokens: 5, output_tokens: 1 })
  sum.add({ input_tokens: null, output_tokens: 9, server_tool_use: { web_search_requests: 2 } })

  expect(sum.read()).toEqual({
    input_tokens: 5,
    output_tokens: 9,
    server_tool_use: { web_search_requests: 2 },
  })
})

test.each([
  ['many members', Object.fromEntries(Array.from({ length: maxUsageLength }, (_, index) => [index, 1]))],
  ['a long text', { service_tier: 'x'.repeat(maxUsageLength) }],
  ['a long list', { iterations: Array.from({ length: maxUsageLength }, () => ({})) }],
  ['a long name', { ['x'.repeat(maxUsageLength)]: 1 }],
])('reads no usage with %s, nor anything after it', (_, fields) => {
  const sum = createUsageSum()
  sum.add({ input_tokens: 5 })

  sum.add(fields)
  sum.add({ input_tokens: 5, output_tokens: 9 })

  expect(sum.read()).toBeNull()
})

// If each event cost as much as all before it, this would take minutes.
test('reads a usage that grows with each of many events', () => {
  const sum = createUsageSum()

  for (let index = 0; index < 100_000; index += 1) sum.add({ [`member_${index}`]: index })

  expect(sum.read()).toBeNull()
})

test('reads a usage of usual size in each of many events', () => {
  const sum = createUsageSum()

  for (let index = 0; index <= 20_000; index += 1)
    sum.add({ output_tokens: index, cache_creation: { ephemeral_5m_input_tokens: 1 } })

  expect(sum.read()).toMatchObject({ output_tokens: 20_000 })
})
