import { expect, test } from 'vitest'
import { defineModel } from '../../../src/models/defaults/define-model.ts'
import type { ModelFacts } from '../../../src/models/defaults/define-model.ts'
import { claude47 } from '../../../src/models/defaults/generations.ts'
import { offered, onEveryCloud } from '../../../src/models/defaults/lifecycle.ts'

test('names a dated model after the rules of each cloud', () => {
  const { platforms } = defineModel({ ...facts, id: 'claude-opus-9-20290102' })

  expect(platforms).toEqual({
    anthropic: 'claude-opus-9-20290102',
    bedrock: 'anthropic.claude-opus-9-20290102-v1:0',
    vertex: 'claude-opus-9@20290102',
    foundry: 'claude-opus-9',
  })
})

test('prefers an id that the model file states', () => {
  const { platforms } = defineModel({ ...facts, platforms: { bedrock: 'anthropic.claude-opus-9-v1' } })

  expect(platforms.bedrock).toBe('anthropic.claude-opus-9-v1')
  expect(platforms.vertex).toBe('claude-opus-9')
})

test('gives no id on a cloud that does not offer the model', () => {
  const { platforms } = defineModel({ ...facts, lifecycle: { ...facts.lifecycle, vertex: null } })

  expect(platforms).toMatchObject({ bedrock: 'anthropic.claude-opus-9', vertex: null })
})

test('adds further sources behind those of the generation', () => {
  const { sources } = defineModel({ ...facts, furtherSources: { prices: ['release-notes'] } })

  expect(sources).toEqual({ ...claude47.sources, prices: [...claude47.sources.prices, 'release-notes'] })
})

test('compiles only with every fact that no generation gives', () => {
  const { minCacheableTokens: _tokens, ...withoutTokens } = facts
  const { lifecycle: _lifecycle, ...withoutLifecycle } = facts
  const { rateCards: _cards, ...withoutCards } = facts

  // @ts-expect-error: minCacheableTokens is missing
  const incomplete: ModelFacts = withoutTokens
  // @ts-expect-error: lifecycle is missing
  const undated: ModelFacts = withoutLifecycle
  // @ts-expect-error: rateCards is missing
  const unpriced: ModelFacts = withoutCards

  expect([incomplete, undated, unpriced]).toHaveLength(3)
})

const facts = {
  ...claude47,
  id: 'claude-opus-9',
  name: 'Claude Opus 9',
  family: 'opus',
  generation: '9',
  bedrockProfiles: null,
  priorityTier: null,
  comparativeLatency: null,
  trainingCutoff: null,
  reliableKnowledge: null,
  minCacheableTokens: null,
  toolPromptTokens: [],
  rateCards: [],
  lifecycle: { anthropic: { ...offered, released: '2029-01-02' }, ...onEveryCloud },
} as const satisfies ModelFacts
