import { expect, test } from 'vitest'

import { bedrockOutputWeights, getBedrockOutputWeight, models, resolve } from '../../src/index.ts'
import type { Model } from '../../src/index.ts'

// "How tokens are counted in Amazon Bedrock", 2026.
test.each([
  ['claude-3-5-haiku', 1],
  ['claude-3-7-sonnet', 5],
  ['claude-sonnet-4-5', 5],
  ['claude-opus-4-7', 5],
  ['claude-opus-4-8', 15],
  ['claude-opus-5', 10],
  ['claude-fable-5-1', 10],
])('an output token of %s takes %d tokens of its quota', (name, weight) => {
  expect(getBedrockOutputWeight(getModel(name), '2026-11-29')).toBe(weight)
})

test('every model on Bedrock from 3.7 on has one row, and every row is about models of the catalog', () => {
  const named = bedrockOutputWeights.flatMap((row) => row.models)
  const expected = models
    // Mythos Preview has no number.
    .filter(({ platforms, generation }) => platforms.bedrock !== null && !(Number(generation) < 3.7))
    .map(({ id }) => id)

  expect(named.toSorted()).toEqual(expected.toSorted())
})

test('a row counts from its day on', () => {
  expect(getBedrockOutputWeight(getModel('claude-opus-4-8'), '2026-05-27')).toBe(1)
  expect(getBedrockOutputWeight(getModel('claude-opus-4-8'), '2026-05-28')).toBe(15)
})

function getModel(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}
