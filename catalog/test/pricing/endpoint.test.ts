import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PriceOptions } from '../../src/index.ts'
import { computePrice, findEndpoint, formatNanoUsd, models, nameOn, withEndpoint } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

describe('a name on a cloud decides the price class of its call', () => {
  test.each([
    // The geographic profiles of Bedrock, as id and as ARN, and Bedrock's own region without a profile.
    ['us.anthropic.claude-opus-5', '33.00'],
    ['eu.anthropic.claude-opus-5', '33.00'],
    ['jp.anthropic.claude-opus-5', '33.00'],
    ['us-gov.anthropic.claude-opus-5', '33.00'],
    ['bedrock/eu.anthropic.claude-opus-5', '33.00'],
    ['arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5', '33.00'],
    ['anthropic.claude-opus-5', '33.00'],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5', '33.00'],
    ['global.anthropic.claude-opus-5', '30.00'],
    // An unusual spelling behind the prefix of a profile.
    ['us.anthropic.claude-opus-5-latest', '33.00'],
    ['eu.anthropic.claude_opus_5[1m]', '33.00'],
    ['global.anthropic.claude-opus-5-latest', '30.00'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-opus-5', '30.00'],
    // The locations of Google Cloud; multi-regions are not global.
    ['projects/p/locations/europe-west1/publishers/anthropic/models/claude-opus-5', '33.00'],
    ['projects/p/locations/eu/publishers/anthropic/models/claude-opus-5:rawPredict', '33.00'],
    ['/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-5', '30.00'],
    // Names of no cloud's endpoint.
    ['claude-opus-5', '30.00'],
    ['Claude Opus 5', '30.00'],
  ])('%s costs $%s for a million tokens each', (name, usd) => {
    expect(formatPrice(name)).toBe(usd)
  })

  test.each(['us.anthropic.claude-3-5-haiku-20241022-v1:0', 'us.anthropic.claude-opus-4-1-20250805-v1:0'])(
    '%s has no premium, because it is older than the 4.5 generation',
    (name) => {
      expect(formatPrice(name)).toBe(name.includes('haiku') ? '4.80' : '90.00')
    },
  )

  test('applies to cache, batch and long prompts alike', () => {
    const usage = {
      cache_read_input_tokens: 200_000,
      cache_creation_input_tokens: 1_000_000,
      output_tokens: 10_000,
    }
    const options = { asOf: '2026-11-22', batch: true }
    const model = modelNamed('claude-haiku-5-5')
    const [near, everywhere] = ['us.', 'global.'].map((prefix) =>
      computePrice(usage, model, withEndpoint(options, `${prefix}anthropic.claude-haiku-5-5`)),
    )

    // Above 100,000 tokens: 1,000,000 x $0.625 + 200,000 x $0.05 + 10,000 x $2.50, halved.
    expect(everywhere).toMatchObject({ totalNanoUsd: 330_000_000n })
    expect(near).toMatchObject({ totalNanoUsd: 363_000_000n })
  })
})

test('a given region decides only where the name has none', () => {
  const options = { region: 'regional' } as const

  expect(withEndpoint(options, 'global.anthropic.claude-opus-5').region).toBe('global')
  expect(withEndpoint({ region: 'global' }, 'us.anthropic.claude-opus-5').region).toBe('regional')
  expect(withEndpoint({ region: 'global' }, 'anthropic.claude-opus-5').region).toBe('global')
  expect(withEndpoint(options, 'claude-opus-4-5@20251101')).toEqual({
    platform: 'vertex',
    region: 'regional',
  })
})

test('a name of another platform than the given one is no evidence', () => {
  const options = { platform: 'anthropic' } as const

  expect(withEndpoint(options, 'us.anthropic.claude-opus-5')).toBe(options)
})

test('a name that the Claude API has too implies nothing, and no text throws', () => {
  for (const { id, aliases } of models)
    for (const name of [id, ...aliases].filter((each) => each.startsWith('claude-')))
      if (!models.some(({ platforms }) => platforms.bedrock === name)) expect(findEndpoint(name)).toBeNull()
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (name) => {
      findEndpoint(name)
    }),
  )
})

test('every profile that serves a model from the 4.5 generation on costs 10 % more, except the global one', () => {
  const regions = ['global', 'us-east-1', 'eu-west-1', 'ap-northeast-1'] as const
  for (const model of models.filter(({ rateCards }) => rateCards.length > 0))
    for (const region of regions) {
      const name = nameOn(model, 'bedrock', { region })
      if (name === null) continue
      const asOf = model.factsAsOf
      const usage = { input_tokens: 1_000_000 }
      const [plain, there] = [{}, withEndpoint<PriceOptions>({}, name)].map((options) =>
        computePrice(usage, model, { ...options, asOf }),
      )
      if (plain?.ok !== true || there?.ok !== true) throw new Error(`${name} has no price`)
      const isDearer = model.regionalPremium && !name.startsWith('global.')
      expect(there.totalNanoUsd * 10n, name).toBe(plain.totalNanoUsd * (isDearer ? 11n : 10n))
    }
})

function formatPrice(name: string): string {
  const usage = { input_tokens: 1_000_000, output_tokens: 1_000_000 }
  const price = computePrice(usage, modelNamed(name), withEndpoint({ asOf: '2026-11-22' }, name))
  if (!price.ok) throw new Error(price.detail)
  return formatNanoUsd(price.totalNanoUsd)
}
