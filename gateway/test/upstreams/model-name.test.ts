import { expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { getPriceRegion } from '../../src/upstreams/model-name.ts'

const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'

test.each([
  ['global', arn, 'global'],
  ['us', arn, 'regional'],
  // Not known, so the dearest.
  [undefined, arn, 'regional'],
  ['global', 'us.anthropic.claude-sonnet-5-5', 'regional'],
  ['us', 'global.anthropic.claude-sonnet-5-5', 'global'],
])('with the profile %s, %s has the %s price', (profile, name, region) => {
  expect(getPriceRegion(bedrock(profile), name)).toBe(region)
})

test('two upstreams with the same opaque name have the price of their own profile', () => {
  const [regional, global] = [bedrock('us'), bedrock('global')]

  expect([regional, global, regional].map((each) => getPriceRegion(each, arn))).toEqual([
    'regional',
    'global',
    'regional',
  ])
})

function bedrock(profile: string | undefined) {
  const models = { 'claude-sonnet-5-5': arn }
  return createAccount(
    {
      platform: 'bedrock',
      region: 'us-east-1',
      bearer_token: 'token',
      models,
      ...(profile !== undefined && { profile }),
    },
    defaultLimits,
  )
}
