import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addMetrics, takeMetrics } from '../../src/aws/invocation-metrics.ts'
import { randomJsonText } from '../body/json-text.ts'

const metrics = {
  inputTokenCount: 12,
  outputTokenCount: 3,
  invocationLatency: 410,
  firstByteLatency: 120,
  cacheReadInputTokenCount: 7,
  cacheWriteInputTokenCount: 0,
}

test('removing added metrics restores every byte', () => {
  fc.assert(
    fc.property(randomJsonText, (text) => {
      const json = new TextEncoder().encode(text)

      const added = addMetrics(json, metrics)

      expect(JSON.parse(new TextDecoder().decode(added))['amazon-bedrock-invocationMetrics']).toEqual(metrics)
      expect(takeMetrics(added)).toEqual({ json, metrics })
    }),
  )
})

test.each(['[]', '7', '', '{', '{"a":1}{'])('a value that is not an object stays unchanged: %j', (text) => {
  const json = new TextEncoder().encode(text)

  expect(addMetrics(json, metrics)).toBe(json)
  expect(takeMetrics(json)).toEqual({ json, metrics: null })
})

test('an event with two metrics members stays unchanged, because they are ambiguous', () => {
  const json = new TextEncoder().encode(
    '{"amazon-bedrock-invocationMetrics":{},"amazon-bedrock-invocationMetrics":{}}',
  )

  expect(takeMetrics(json)).toEqual({ json, metrics: null })
  expect(addMetrics(json, metrics)).toBe(json)
})
