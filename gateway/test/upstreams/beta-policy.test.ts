import { betas } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { selectBetas } from '../../src/upstreams/beta-policy.ts'

const clouds = ['bedrock', 'vertex', 'foundry'] as const

test('the Claude API gets every beta, as sent', () => {
  const sent = [
    'files-api-2025-04-14',
    'advanced-tool-use-2025-11-20',
    'unheard-of-2027-01-01',
    'files-api-2025-04-14',
  ]

  expect(selectBetas(sent, 'anthropic')).toEqual({ betas: sent, notices: [] })
})

test.each(clouds)(
  '%s gets no beta that the catalog knows to be rejected there, and each has a notice',
  (platform) => {
    const sent = betas.map(({ value }) => value)
    const rejected = betas.filter((beta) => beta.platforms[platform] === false).map(({ value }) => value)

    const { betas: selected, notices } = selectBetas(sent, platform)

    expect(rejected.length).toBeGreaterThan(5)
    expect(selected.filter((value) => rejected.includes(value))).toEqual([])
    for (const value of rejected)
      expect(notices).toContain(`${platform} does not accept the beta ${value}, which was left out`)
  },
)

test.each([
  ['bedrock', 'advanced-tool-use-2025-11-20', ['tool-search-tool-2025-10-19']],
  ['vertex', 'advanced-tool-use-2025-11-20', ['tool-search-tool-2025-10-19']],
  ['foundry', 'advanced-tool-use-2025-11-20', ['advanced-tool-use-2025-11-20']],
  ['bedrock', 'context-1m-2025-08-07', ['context-1m-2025-08-07']],
  // Generally available since 2024, and not known there.
  ['bedrock', 'prompt-caching-2024-07-31', []],
  ['foundry', 'prompt-caching-2024-07-31', ['prompt-caching-2024-07-31']],
  // Nothing is known of it, so the platform decides.
  ['vertex', 'unheard-of-2027-01-01', ['unheard-of-2027-01-01']],
] as const satisfies readonly (readonly [Platform, string, readonly string[]])[])(
  '%s gets %s as %j',
  (platform, sent, expected) => {
    expect(selectBetas([sent], platform).betas).toEqual(expected)
  },
)

test('an operator decides about the betas of an upstream', () => {
  const own = new Map<string, string | false>([
    ['files-api-2025-04-14', 'files-api-2025-04-14'],
    ['context-1m-2025-08-07', false],
    ['unheard-of-2027-01-01', 'heard-of-2027-01-01'],
  ])

  expect(selectBetas([...own.keys()], 'bedrock', own)).toEqual({
    betas: ['files-api-2025-04-14', 'heard-of-2027-01-01'],
    notices: ['bedrock does not accept the beta context-1m-2025-08-07, which was left out'],
  })
})
