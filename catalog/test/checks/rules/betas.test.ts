import { describe, expect, test } from 'vitest'
import type { Platform, RequestFacts } from '../../../src/index.ts'
import { betas as knownBetas, check, checkCall } from '../../../src/index.ts'
import { modelNamed, listTexts } from '../../request.ts'

const asOf = '2026-11-22'

test.each(['files-api-2025-04-14', 'fast-mode-2026-02-01', 'oauth-2025-04-20'])(
  'reports that Bedrock lacks %s, as an error or a notice',
  (beta) => {
    expect(listCodes({ betas: [beta] }, 'bedrock')[0]).toMatch(/^beta_(?:maybe_)?refused$/)
  },
)

test('uses the text of each platform for a rejected beta', () => {
  const facts = { betas: ['files-api-2025-04-14'] }

  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'bedrock' })).toEqual(['invalid beta flag'])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'vertex' })).toEqual([
    'Unexpected value(s) `files-api-2025-04-14` for the `anthropic-beta` header. Please consult our documentation at docs.claude.com or try again without the header.',
  ])
  expect(listTexts(facts, 'claude-opus-5-5', { asOf, platform: 'anthropic' })).toEqual([])
})

test('rejects the Claude API name of a beta that has another name on the platform', () => {
  expect(listCodes({ betas: ['advanced-tool-use-2025-11-20'] }, 'bedrock')).toContain('beta_refused')
  expect(listCodes({ betas: ['tool-search-tool-2025-10-19'] }, 'bedrock')).not.toContain('beta_refused')
})

test('reports only a notice if a weak source is the only evidence', () => {
  expect(listCodes({ betas: ['structured-outputs-2025-11-13'] }, 'bedrock')).toContain('beta_maybe_refused')
})

test('reports an unknown value as a notice, not as an error', () => {
  const findings = check({ betas: ['context-1m-2025-08-7'] }, modelNamed('claude-sonnet-4-5'), {
    asOf,
    platform: 'anthropic',
  })

  expect(findings).toContainEqual({
    code: 'beta_unknown',
    severity: 'notice',
    status: 200,
    type: 'notice',
    message: 'Not a beta in this catalog: context-1m-2025-08-7.',
    hint: 'Check the spelling: the API rejects unknown values.',
    path: 'anthropic-beta',
  })
})

describe('a stand-in for the API', () => {
  const today = { platform: 'anthropic', asOf, unknownBetas: 'refused' } as const

  test('accepts every value in the catalog', () => {
    expect(checkCall({ betas: knownBetas.map(({ value }) => value) }, today)).toEqual([])
  })

  test.each([
    [['x'], '`x`'],
    [['context-1m-2025-08-07', 'x', 'y'], '`x`, `y`'],
    [['Context-1M-2025-08-07'], '`Context-1M-2025-08-07`'],
    [['x'.repeat(500)], `\`${'x'.repeat(100)}\``],
  ])('rejects %j by name', (betas, shown) => {
    expect(checkCall({ betas }, today)).toMatchObject([
      {
        status: 400,
        message: `Unexpected value(s) ${shown} for the \`anthropic-beta\` header. Please consult our documentation at docs.claude.com or try again without the header.`,
      },
    ])
  })

  test('uses the text of Bedrock there', () => {
    expect(checkCall({ betas: ['x'] }, { ...today, platform: 'bedrock' })).toMatchObject([
      { message: 'invalid beta flag' },
    ])
  })

  test('accepts a value of a later day if dates are ignored', () => {
    const early = { ...today, asOf: '2025-08-15' }

    expect(checkCall({ betas: ['compact-2026-09-04'] }, early)).toEqual([])
  })

  test.each(['warn', 'enforce'] as const)('rejects it in mode %s', (lifecycle) => {
    const facts = { betas: ['compact-2026-09-04'] }

    expect(checkCall(facts, { ...today, lifecycle, asOf: '2025-08-15' })).toMatchObject([{ status: 400 }])
    expect(checkCall(facts, { ...today, lifecycle })).toEqual([])
  })
})

test('reports a value without effect as a notice', () => {
  const facts = { betas: ['context-1m-2025-08-07'] }

  expect(listCodes(facts, 'anthropic', '2026-04-29')).toEqual([])
  expect(listCodes(facts, 'anthropic', '2026-04-30')).toEqual(['beta_idle'])
})

test('does not check individual betas without a platform', () => {
  expect(listCodes({ betas: ['made-up-2099-01-01', 'files-api-2025-04-14'] })).toEqual([])
})

test('rejects interleaved thinking on clouds in 2025 for models without it', () => {
  const facts = { betas: ['interleaved-thinking-2025-05-14'] }
  const day = '2025-11-15'

  expect(listTexts(facts, 'claude-3-7-sonnet-latest', { asOf: day, platform: 'bedrock' })).toEqual([
    'invalid beta flag',
  ])
  expect(listTexts(facts, 'claude-3-7-sonnet-latest', { asOf: day, platform: 'vertex' })).toHaveLength(1)
  expect(listTexts(facts, 'claude-3-7-sonnet-latest', { asOf: day })).toEqual([])
  expect(listTexts(facts, 'claude-opus-4-1', { asOf: day, platform: 'bedrock' })).toEqual([])
  expect(listTexts(facts, 'claude-haiku-4-5', { asOf: '2026-08-01', platform: 'bedrock' })).toEqual([])
})

function listCodes(facts: RequestFacts, platform?: Platform, day = asOf): readonly string[] {
  return check(facts, modelNamed('claude-opus-5-5'), { asOf: day, platform }).map(({ code }) => code)
}
