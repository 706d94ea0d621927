import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { describePlace, models, nameOn, resolve } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

test.each([
  ['claude-opus-4-1', 'bedrock', undefined, 'anthropic.claude-opus-4-1-20250805-v1:0'],
  ['claude-opus-4-1', 'bedrock', 'us-east-1', 'us.anthropic.claude-opus-4-1-20250805-v1:0'],
  ['claude-opus-4-1', 'bedrock', 'eu-west-1', null],
  ['claude-sonnet-4-0', 'bedrock', 'ap-northeast-1', 'apac.anthropic.claude-sonnet-4-20250514-v1:0'],
  ['claude-sonnet-4-0', 'bedrock', 'sa-east-1', 'global.anthropic.claude-sonnet-4-20250514-v1:0'],
  ['claude-opus-5', 'bedrock', 'ap-northeast-1', 'jp.anthropic.claude-opus-5'],
  ['claude-opus-5', 'bedrock', 'ap-southeast-2', 'au.anthropic.claude-opus-5'],
  ['claude-opus-5', 'bedrock', 'global', 'global.anthropic.claude-opus-5'],
  ['claude-haiku-4-5', 'bedrock', 'ap-northeast-1', 'jp.anthropic.claude-haiku-4-5-20251001-v1:0'],
  ['claude-haiku-4-5', 'bedrock', 'ap-northeast-3', 'jp.anthropic.claude-haiku-4-5-20251001-v1:0'],
  ['claude-sonnet-4-5', 'bedrock', 'ap-southeast-2', 'au.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['claude-sonnet-4-5', 'bedrock', 'us-gov-west-1', 'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['claude-opus-4-1', 'bedrock', 'us-gov-east-1', 'us-gov.anthropic.claude-opus-4-1-20250805-v1:0'],
  ['claude-opus-5', 'bedrock', 'eu', 'eu.anthropic.claude-opus-5'],
  ['claude-opus-5', 'bedrock', 'cn-north-1', null],
  ['claude-opus-5', 'bedrock', 'europe-west1', null],
  ['claude-mythos-preview', 'bedrock', 'us-east-1', 'anthropic.claude-mythos-preview'],
  ['claude-sonnet-4-0', 'vertex', 'us-east5', 'claude-sonnet-4@20250514'],
  ['claude-opus-5-5', 'vertex', 'us-east5', null],
  ['claude-opus-5-5', 'vertex', 'eu', 'claude-opus-5-5'],
  ['claude-opus-5-5', 'foundry', undefined, 'claude-opus-5-5'],
  ['claude-3-opus-latest', 'foundry', undefined, null],
  ['claude-3-opus-latest', 'anthropic', undefined, 'claude-3-opus-20240229'],
] as const)('%s on %s in %s is %s', (name, platform, region, expected) => {
  expect(nameOn(modelNamed(name), platform, { region })).toBe(expected)
})

test.each([
  ['claude-opus-4-5', 'ap-northeast-1', 'No profile of the geography of ap-northeast-1 is known'],
  ['claude-sonnet-4-5', 'ca-central-1', 'No profile of the geography of ca-central-1 is known'],
  ['claude-opus-5', 'sa-east-1', 'No profile of the geography of sa-east-1 is known'],
  ['claude-opus-5', 'us-gov-west-1', 'No source lists this profile'],
])('describes what is uncertain about the name of %s in %s', (name, region, text) => {
  expect(describePlace(modelNamed(name), { region })).toContain(text)
})

test.each([
  ['claude-opus-5', 'us-east-1'],
  ['claude-opus-5', 'global'],
  ['claude-opus-5', undefined],
  ['claude-mythos-5', 'eu-west-1'],
  ['claude-opus-4-1', 'eu-west-1'],
])('has nothing to add about the name of %s in %s', (name, region) => {
  expect(describePlace(modelNamed(name), { region })).toBeNull()
})

test('leaves the geography of no region silently', () => {
  const regions = [
    'us-west-2',
    'eu-west-2',
    'ap-northeast-2',
    'ap-southeast-4',
    'ca-west-1',
    'me-south-1',
    'us-gov-east-1',
  ]
  for (const region of regions) {
    for (const model of models) {
      const name = nameOn(model, 'bedrock', { region })
      if (name?.startsWith('global.') === true) expect(describePlace(model, { region })).not.toBeNull()
    }
  }
})

test('is undone by resolve, for every model, platform and region', () => {
  const region = fc.option(
    fc.constantFrom(
      'us-east-1',
      'us-gov-west-1',
      'eu-west-1',
      'ap-northeast-1',
      'ap-south-1',
      'global',
      'us-east5',
    ),
    { nil: undefined },
  )
  const platform = fc.constantFrom('anthropic', 'bedrock', 'vertex', 'foundry')
  fc.assert(
    fc.property(fc.constantFrom(...models), platform, region, (model, where, at) => {
      const name = nameOn(model, where, { region: at })
      if (name === null) return

      expect(resolve(name, { platform: where })).toMatchObject({ ok: true, canonical: model.id })
      expect(resolve(name)).toMatchObject({ ok: true, canonical: model.id })
    }),
  )
})
