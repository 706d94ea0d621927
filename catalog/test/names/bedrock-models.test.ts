import { expect, test } from 'vitest'

import { getBedrockModels, getBedrockProfiles, isProfileOnly, models, resolve } from '../../src/index.ts'
import type { Model } from '../../src/index.ts'

test('has a profile with a unique id for each prefix of each model on Bedrock', () => {
  const profiles = getBedrockProfiles(models)

  const wanted = models.flatMap(({ platforms, bedrockProfiles }) =>
    platforms.bedrock === null
      ? []
      : (bedrockProfiles ?? []).map((prefix) => `${prefix}.${platforms.bedrock}`),
  )
  expect(profiles.map(({ id }) => id)).toEqual(wanted)
  expect(new Set(wanted).size).toBe(wanted.length)
  expect(profiles.filter(({ regions }) => regions.length === 0)).toEqual([])
})

test('resolves every profile to the model that it serves', () => {
  for (const { id, modelId } of getBedrockProfiles(models)) {
    const found = resolve(id, { platform: 'bedrock' })
    expect([id, found.ok && found.model.platforms.bedrock]).toEqual([id, modelId])
  }
})

test('describes the profile of Opus 4.1 as Bedrock does', () => {
  const [profile, ...more] = getBedrockProfiles([getModel('claude-opus-4-1')])

  expect(more).toEqual([])
  expect(profile).toMatchObject({
    id: 'us.anthropic.claude-opus-4-1-20250805-v1:0',
    name: 'US Anthropic Claude Opus 4.1',
    modelId: 'anthropic.claude-opus-4-1-20250805-v1:0',
    regions: ['us-east-1', 'us-east-2', 'us-west-2'],
  })
})

test('serves models from Claude 4 on by profiles only', () => {
  expect(isProfileOnly(getModel('claude-opus-4-1'))).toBe(true)
  expect(isProfileOnly(getModel('claude-3-haiku-20240307'))).toBe(false)
})

test('marks a model as LEGACY from the day its retirement was announced', () => {
  const opus = getModel('claude-opus-4-1')

  expect(getBedrockModels([opus], '2026-07-07')).toMatchObject([
    { status: 'ACTIVE', onDemand: false, legacyDay: null, endOfLifeDay: null },
  ])
  expect(getBedrockModels([opus], '2026-07-08')).toMatchObject([
    { status: 'LEGACY', legacyDay: '2026-07-08', endOfLifeDay: '2027-01-08' },
  ])
})

function getModel(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}
