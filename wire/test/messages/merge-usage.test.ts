import { expect, test } from 'vitest'
import { mergeUsage } from '../../src/messages/merge-usage.ts'

test('uses cumulative counts of the later object', () => {
  const start = { input_tokens: 25, output_tokens: 1, service_tier: 'standard' }

  expect(mergeUsage(start, { output_tokens: 15 })).toEqual({
    input_tokens: 25,
    output_tokens: 15,
    service_tier: 'standard',
  })
})

test('keeps a value over a later null, but accepts a later zero', () => {
  const start = {
    input_tokens: 25,
    cache_read_input_tokens: 7,
    cache_creation: { ephemeral_5m_input_tokens: 3 },
  }

  expect(mergeUsage(start, { input_tokens: 0, cache_read_input_tokens: null, cache_creation: null })).toEqual(
    { ...start, input_tokens: 0 },
  )
})

test('merges the objects inside field by field', () => {
  const start = {
    cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
    server_tool_use: null,
  }

  const merged = mergeUsage(start, {
    cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: null },
    server_tool_use: { web_search_requests: 2 },
    output_tokens_details: { thinking_tokens: 9 },
  })

  expect(merged).toEqual({
    cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 4 },
    server_tool_use: { web_search_requests: 2 },
    output_tokens_details: { thinking_tokens: 9 },
  })
})

test('keeps unknown members, and nulls without a replacement', () => {
  expect(mergeUsage({ speed: 'fast', inference_geo: null }, { tides: [1], moons: null })).toEqual({
    speed: 'fast',
    inference_geo: null,
    tides: [1],
    moons: null,
  })
})

test('accepts either side alone', () => {
  expect(mergeUsage(null, { output_tokens: 1 })).toEqual({ output_tokens: 1 })
  expect(mergeUsage({ output_tokens: 1 }, null)).toEqual({ output_tokens: 1 })
  expect(mergeUsage(null, null)).toEqual({})
})

test('does not change its arguments', () => {
  const start = { cache_creation: { ephemeral_5m_input_tokens: 3 } }

  mergeUsage(start, { cache_creation: { ephemeral_5m_input_tokens: 5 }, output_tokens: 1 })

  expect(start).toEqual({ cache_creation: { ephemeral_5m_input_tokens: 3 } })
})

test('keeps a member named like an inherited one', () => {
  const hostile: unknown = JSON.parse('{"__proto__":{"input_tokens":1},"constructor":2}')

  const merged = mergeUsage({ output_tokens: 1 }, Object(hostile))

  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  expect(Object.keys(merged)).toEqual(['output_tokens', '__proto__', 'constructor'])
})

test('survives objects that are nested deeper than the stack', () => {
  const deep: unknown = JSON.parse('{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000))

  expect(() => mergeUsage(Object(deep), Object(deep))).not.toThrow()
})
