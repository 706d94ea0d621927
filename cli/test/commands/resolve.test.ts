import { expect, test } from 'vitest'
import { run } from '../console.ts'

test('prints the kind of a name, and the names on other platforms', async () => {
  expect(
    await run(['resolve', 'eu.anthropic.claude-sonnet-4-20250514-v1:0', '--as-of', '2026-11-22']),
  ).toEqual({
    code: 0,
    err: '',
    out: [
      'eu.anthropic.claude-sonnet-4-20250514-v1:0 is Claude Sonnet 4',
      "  Read as      its id on AWS Bedrock, in the profile 'eu'",
      '  Claude API   claude-sonnet-4-20250514',
      '  Aliases      claude-sonnet-4-0, claude-4-sonnet-20250514',
      '  AWS Bedrock  anthropic.claude-sonnet-4-20250514-v1:0',
      '  Vertex AI    claude-sonnet-4@20250514',
      '  Foundry      -',
      '  Status       retired 2026-06-15; move to claude-sonnet-5-5',
      '',
    ].join('\n'),
  })
})

test('exits with 1 if one of several names is unknown, and resolves the others', async () => {
  const { code, out, err } = await run(['resolve', 'claude-opus-4-1', 'claude-opus-9'])

  expect(code).toBe(1)
  expect(out).toContain('claude-opus-4-1-20250805')
  expect(err).toContain('there is no model "claude-opus-9"')
})

test('prints one JSON entry for each name', async () => {
  const { code, out } = await run([
    'resolve',
    'claude-opus-4-0',
    'sonnet 3.5',
    '--json',
    '--as-of',
    '2025-08-15',
  ])

  expect(code).toBe(1)
  expect(JSON.parse(out)).toEqual([
    {
      name: 'claude-opus-4-0',
      id: 'claude-opus-4-20250514',
      as: 'alias',
      window: null,
      profile: null,
      display_name: 'Claude Opus 4',
      aliases: ['claude-opus-4-0'],
      other_ids: ['claude-4-opus-20250514'],
      platforms: {
        anthropic: 'claude-opus-4-20250514',
        bedrock: 'anthropic.claude-opus-4-20250514-v1:0',
        vertex: 'claude-opus-4@20250514',
        foundry: null,
      },
      region_note: null,
      status: 'active',
      successor: null,
    },
    {
      name: 'sonnet 3.5',
      id: null,
      because: 'ambiguous',
      suggestions: ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20240620'],
      detail: null,
    },
  ])
})

test('requires a name', async () => {
  const { code, err } = await run(['resolve'])

  expect(code).toBe(2)
  expect(err).toContain('resolve needs a name')
})

test.each([
  ['sonnet[1m]', 'its name in Claude Code, with the 1M token window', 'Claude Sonnet 5.5'],
  ['vertex_ai/claude-haiku-4-5@20251001', 'its id on Vertex AI', 'Claude Haiku 4.5'],
  ['opus 4.5', 'its display name', 'Claude Opus 4.5'],
])('reads %s', async (name, kind, model) => {
  const { code, out } = await run(['resolve', name, '--as-of', '2026-11-22'])

  expect(code).toBe(0)
  expect(out.split('\n').slice(0, 2)).toEqual([`${name} is ${model}`, `  Read as      ${kind}`])
})

test('prints the names for a region', async () => {
  const { out } = await run(['resolve', 'claude-opus-4-5', '--region', 'eu-west-1', '--json'])

  expect(JSON.parse(out)).toMatchObject([
    { platforms: { bedrock: 'eu.anthropic.claude-opus-4-5-20251101-v1:0' } },
  ])
})

test('prints the retirement date and the replacement of an id from before the catalog', async () => {
  const { code, err } = await run(['resolve', 'claude-2.1'])

  expect(code).toBe(1)
  expect(err).toBe('anthology: claude-2.1 was retired on 2025-07-21\nIts replacement is claude-opus-4-8.\n')
})

test('explains why an application inference profile does not resolve', async () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'

  const { code, err } = await run(['resolve', arn])

  expect(code).toBe(1)
  expect(err).toContain('GetInferenceProfile on Bedrock returns it')
  expect(err).toContain('routing.aliases in anthology.yaml')
})

test('prints that a name for a region may leave its geography', async () => {
  const tokyo = await run(['resolve', 'claude-haiku-4-5', '--region', 'ap-northeast-1'])
  const brazil = await run(['resolve', 'claude-opus-5', '--region', 'sa-east-1'])

  expect(tokyo.out).toContain('  AWS Bedrock  jp.anthropic.claude-haiku-4-5-20251001-v1:0')
  expect(tokyo.out).not.toContain('Region')
  expect(brazil.out).toContain('  AWS Bedrock  global.anthropic.claude-opus-5')
  expect(brazil.out).toContain('  Region       No profile of the geography of sa-east-1 is known')
})

test('every command with a model reads it in the same way', async () => {
  const counts = ['--input', '1', '--output', '1', '--json']
  for (const name of ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5@default', 'CLAUDE-SONNET-4-5']) {
    const priced = await run(['price', name, ...counts])
    const shown = await run(['models', name, '--json'])

    expect(JSON.parse(priced.out)).toMatchObject({ model: 'claude-sonnet-4-5-20250929' })
    expect(JSON.parse(shown.out)).toMatchObject([{ id: 'claude-sonnet-4-5-20250929' }])
  }
  for (const name of ['claude-opus-4-6-20260205', 'anthropic.claude-v2:1', 'claude-3-5-sonnet']) {
    const resolved = await run(['resolve', name])

    expect((await run(['price', name, ...counts])).err).toBe(resolved.err)
    expect((await run(['models', name])).err).toBe(resolved.err)
  }
})
