import { resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { planAttempts } from '../../src/routing/plan.ts'
import type { UpstreamAccount } from '../../src/upstreams/account.ts'

test("uses the model's name on the account's platform", () => {
  const bedrock = account('bedrock')

  const plan = planAttempts(getModel('claude-opus-4-1'), [bedrock])

  expect(plan).toEqual({
    ok: true,
    attempts: [{ account: bedrock, modelName: 'anthropic.claude-opus-4-1-20250805-v1:0' }],
  })
})

test('skips an account whose platform does not offer the model', () => {
  const anthropic = account('anthropic')

  // Sonnet 4 has no id on Foundry ("Models overview").
  const plan = planAttempts(getModel('claude-sonnet-4-0'), [account('foundry'), anthropic])

  expect(plan).toEqual({
    ok: true,
    attempts: [{ account: anthropic, modelName: 'claude-sonnet-4-20250514' }],
  })
})

test.each([[[]], [[account('foundry')]]])('reports that no account offers the model', (accounts) => {
  const plan = planAttempts(getModel('claude-sonnet-4-0'), accounts)

  expect(plan).toEqual({ ok: false, because: 'no configured upstream offers claude-sonnet-4-20250514' })
})

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}

function account(platform: UpstreamAccount['platform']): UpstreamAccount {
  return {
    name: platform,
    platform,
    secrets: [],
    upstream: {
      send: () => {
        throw new Error('planning calls nobody')
      },
    },
  }
}
