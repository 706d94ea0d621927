import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { claudeCodeNames, getBedrockProfiles, models, resolve } from '../../src/index.ts'

test.each([
  ['claude-opus-4-1-20250805', 'id', 'claude-opus-4-1-20250805'],
  ['claude-opus-4-1', 'alias', 'claude-opus-4-1-20250805'],
  ['claude-opus-4-0', 'alias', 'claude-opus-4-20250514'],
  ['claude-3-7-sonnet-latest', 'alias', 'claude-3-7-sonnet-20250219'],
  ['claude-4-opus-20250514', 'other_id', 'claude-opus-4-20250514'],
  ['claude-4-sonnet-20250514', 'other_id', 'claude-sonnet-4-20250514'],
  ['anthropic.claude-3-haiku-20240307-v1:0', 'bedrock', 'claude-3-haiku-20240307'],
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', 'bedrock', 'claude-opus-4-1-20250805'],
  ['eu.anthropic.claude-sonnet-4-20250514-v1:0', 'bedrock', 'claude-sonnet-4-20250514'],
  ['apac.anthropic.claude-3-7-sonnet-20250219-v1:0', 'bedrock', 'claude-3-7-sonnet-20250219'],
  ['global.anthropic.claude-sonnet-4-20250514-v1:0', 'bedrock', 'claude-sonnet-4-20250514'],
  ['claude-3-5-haiku@20241022', 'vertex', 'claude-3-5-haiku-20241022'],
  ['claude-3-5-sonnet-v2@20241022', 'vertex', 'claude-3-5-sonnet-20241022'],
  ['Claude Opus 4.1', 'display_name', 'claude-opus-4-1-20250805'],
  ['  claude  HAIKU 3 ', 'display_name', 'claude-3-haiku-20240307'],
  ['sonnet 4', 'display_name', 'claude-sonnet-4-20250514'],
  ['Claude Sonnet 3.5 (Old)', 'display_name', 'claude-3-5-sonnet-20240620'],
  ['claude-opus-5-5', 'id', 'claude-opus-5-5'],
  ['claude-sonnet-4-5', 'alias', 'claude-sonnet-4-5-20250929'],
  ['anthropic.claude-opus-4-6-v1', 'bedrock', 'claude-opus-4-6'],
  ['anthropic.claude-haiku-4-5', 'bedrock', 'claude-haiku-4-5-20251001'],
  ['anthropic.claude-sonnet-4-5', 'bedrock', 'claude-sonnet-4-5-20250929'],
  ['jp.anthropic.claude-opus-5-5', 'bedrock', 'claude-opus-5-5'],
  ['au.anthropic.claude-opus-5', 'bedrock', 'claude-opus-5'],
  ['ca.anthropic.claude-sonnet-4-20250514-v1:0', 'bedrock', 'claude-sonnet-4-20250514'],
  ['us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock', 'claude-sonnet-4-5-20250929'],
  ['claude-opus-4-5@20251101', 'vertex', 'claude-opus-4-5-20251101'],
  ['fable 5.2', 'display_name', 'claude-fable-5-2'],
  ['MYTHOS PREVIEW', 'display_name', 'claude-mythos-preview'],
])('%s is a name of kind %s', (name, as, canonical) => {
  expect(resolve(name)).toMatchObject({ ok: true, as, canonical, model: { id: canonical } })
})

test('reports a display name of two snapshots as ambiguous and lists both', () => {
  expect(resolve('Claude Sonnet 3.5')).toEqual({
    ok: false,
    because: 'ambiguous',
    suggestions: ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20240620'],
  })
})

test.each([
  ['claude-sonet-4-20250514', 'claude-sonnet-4-20250514'],
  ['us.anthropic.claude-3-haiku-20240307-v2:0', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['haikku', 'claude-haiku-5-5'],
  ['claude-4-sonnet-thinking', 'claude-sonnet-4-20250514'],
  ['anthropic/claude-opus-4.6-fast', 'claude-opus-4-6'],
  ['claude-opus-4-6-001', 'claude-opus-4-6'],
  ['claude-sonnet-4-5:batch', 'claude-sonnet-4-5-20250929'],
  ['claude-sonnet-4-1024k', 'claude-sonnet-4-20250514'],
  ['claude-3-5-haku', 'claude-3-5-haiku-latest'],
  ['claude opsu 4', 'claude-opus-4-0'],
])('%s is unknown, and %s is suggested', (name, suggestion) => {
  const resolution = resolve(name)

  expect(resolution).toMatchObject({ ok: false, because: 'unknown' })
  expect(resolution.ok ? [] : resolution.suggestions).toContain(suggestion)
})

test.each([
  ['anthropic/claude-opus-4-1', 'alias', 'claude-opus-4-1-20250805'],
  ['openrouter/anthropic/claude-opus-5-5', 'id', 'claude-opus-5-5'],
  ['vertex_ai/claude-sonnet-4@20250514', 'vertex', 'claude-sonnet-4-20250514'],
  ['bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0', 'bedrock', 'claude-sonnet-4-20250514'],
  ['bedrock/converse/anthropic.claude-opus-5', 'bedrock', 'claude-opus-5'],
  ['bedrock/eu-west-1/anthropic.claude-opus-5', 'bedrock', 'claude-opus-5'],
  ['azure_ai/claude-opus-4-5', 'alias', 'claude-opus-4-5-20251101'],
  ['publishers/anthropic/models/claude-opus-4-1@20250805', 'vertex', 'claude-opus-4-1-20250805'],
  [
    'projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4@20250514:streamRawPredict',
    'vertex',
    'claude-opus-4-20250514',
  ],
  [
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0',
    'bedrock',
    'claude-3-haiku-20240307',
  ],
  [
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5',
    'bedrock',
    'claude-opus-5',
  ],
  [
    'arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'bedrock',
    'claude-sonnet-4-5-20250929',
  ],
])('reads %s, which has routing prefixes, as a name of kind %s', (name, as, canonical) => {
  expect(resolve(name)).toMatchObject({ ok: true, as, canonical })
})

test('returns the inference profile in the name', () => {
  expect(resolve('eu.anthropic.claude-opus-5')).toMatchObject({ ok: true, profile: 'eu' })
  expect(resolve('anthropic.claude-opus-5')).not.toHaveProperty('profile')
})

test.each([
  ['opus', 'claude-opus-5-5'],
  ['best', 'claude-opus-5-5'],
  ['default', 'claude-opus-5-5'],
  ['sonnet', 'claude-sonnet-5-5'],
  ['opusplan', 'claude-sonnet-5-5'],
  ['haiku', 'claude-haiku-5-5'],
  ['fable', 'claude-fable-5-2'],
])('resolves %s as Claude Code does', (name, canonical) => {
  expect(resolve(name, { asOf: '2026-11-22' })).toMatchObject({ ok: true, as: 'claude_code', canonical })
})

test('returns the long window requested by a suffix', () => {
  expect(resolve('sonnet[1m]')).toMatchObject({ ok: true, canonical: 'claude-sonnet-5-5', window: '1m' })
  expect(resolve('claude-sonnet-4-0[1M]')).toMatchObject({ as: 'alias', window: '1m' })
  expect(resolve('claude-sonnet-4-0')).not.toHaveProperty('window')
  expect(resolve('[1m]')).toMatchObject({ ok: false, because: 'unknown' })
})

test.each([
  ['claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
  ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
  ['openrouter/anthropic/claude-opus-4.1', 'claude-opus-4-1-20250805'],
  ['anthropic.claude-opus-4.1', 'claude-opus-4-1-20250805'],
  ['amazon-bedrock/us.anthropic.claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
  ['vercel_is_not_a_prefix', null],
  ['claude-3.7-sonnet', 'claude-3-7-sonnet-20250219'],
  ['claude-3.7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
  ['claude-3.5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['claude-3.5-haiku-20241022', 'claude-3-5-haiku-20241022'],
  ['claude-sonnet-4', 'claude-sonnet-4-20250514'],
  ['claude-3-7-sonnet', 'claude-3-7-sonnet-20250219'],
  ['claude-3-opus', 'claude-3-opus-20240229'],
  ['claude-3-5-sonnet-v2', 'claude-3-5-sonnet-20241022'],
  ['claude-4.5-sonnet', 'claude-sonnet-4-5-20250929'],
  ['claude-4-opus', 'claude-opus-4-20250514'],
  ['claude-haiku-3', 'claude-3-haiku-20240307'],
  ['claude-sonnet-3-7-20250219', 'claude-3-7-sonnet-20250219'],
  ['claude-opus-4-6-latest', 'claude-opus-4-6'],
  ['claude-sonnet-4-5-latest', 'claude-sonnet-4-5-20250929'],
  ['opus-4-1', 'claude-opus-4-1-20250805'],
  ['CLAUDE-OPUS-4-1', 'claude-opus-4-1-20250805'],
  ['US.ANTHROPIC.CLAUDE-OPUS-4-1-20250805-V1:0', 'claude-opus-4-1-20250805'],
  ['Claude-3-Haiku-20240307', 'claude-3-haiku-20240307'],
  [' claude-opus-4-1 ', 'claude-opus-4-1-20250805'],
  ['claude_opus_4_1', 'claude-opus-4-1-20250805'],
  ['openai/claude-opus-4.1', 'claude-opus-4-1-20250805'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1', 'claude-sonnet-4-5-20250929'],
])('reads %s as a spelling of %s', (name, canonical) => {
  if (canonical === null) expect(resolve(name).ok).toBe(false)
  else expect(resolve(name)).toMatchObject({ ok: true, as: 'spelling', canonical })
})

test.each([
  ['claude-opus-4-6@default', 'claude-opus-4-6'],
  ['claude-sonnet-5@default', 'claude-sonnet-5'],
  ['claude-sonnet-4@default', 'claude-sonnet-4-20250514'],
  ['claude-sonnet-4-5@latest', 'claude-sonnet-4-5-20250929'],
  ['claude-3-5-sonnet@default', 'claude-3-5-sonnet-20240620'],
  ['claude-3-5-sonnet-v2@default', 'claude-3-5-sonnet-20241022'],
  ['publishers/anthropic/models/claude-opus-4-6@default:rawPredict', 'claude-opus-4-6'],
  ['vertex_ai/claude-opus-4-6@default', 'claude-opus-4-6'],
])('reads %s as a version of Google Cloud', (name, canonical) => {
  expect(resolve(name)).toMatchObject({ ok: true, as: 'vertex', canonical })
})

test('lists both snapshots of an undated name, except on Google Cloud, where it has one', () => {
  const both = ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20240620']

  expect(resolve('claude-3-5-sonnet')).toEqual({ ok: false, because: 'ambiguous', suggestions: both })
  expect(resolve('anthropic/claude-3.5-sonnet')).toMatchObject({ because: 'ambiguous', suggestions: both })
  expect(resolve('claude-3-5-sonnet', { platform: 'vertex' })).toMatchObject({ canonical: both[1] })
  expect(resolve('claude-opus-latest')).toMatchObject({ because: 'ambiguous' })
})

test.each([
  ['anthropic/claude-3.7-sonnet:beta', 'claude-3-7-sonnet-20250219'],
  ['openrouter/anthropic/claude-opus-4.1:nitro', 'claude-opus-4-1-20250805'],
  ['claude-opus-4-1:floor', 'claude-opus-4-1-20250805'],
])('ignores the suffix of %s, which only chooses a provider', (name, canonical) => {
  expect(resolve(name)).toMatchObject({ ok: true, canonical })
})

test.each([
  ['anthropic/claude-3.7-sonnet:thinking', 'thinking'],
  ['claude-opus-4-1:online', 'web search'],
  ['anthropic/claude-3-haiku:free', 'without a price'],
  ['anthropic/claude-3-haiku:extended', 'context window'],
])('does not resolve %s, because its suffix would have no effect', (name, word) => {
  const model = resolve(name.slice(0, name.lastIndexOf(':')))

  expect(resolve(name)).toEqual({
    ok: false,
    because: 'unknown',
    suggestions: [model.ok ? model.canonical : ''],
    detail: expect.stringContaining(word),
  })
})

test('resolves an id for provisioned throughput, which ends in a window', () => {
  expect(resolve('anthropic.claude-3-haiku-20240307-v1:0:48k')).toMatchObject({
    as: 'bedrock',
    canonical: 'claude-3-haiku-20240307',
  })
})

test.each([
  ['claude-opus-4-6-20260205', ['claude-opus-4-6']],
  ['anthropic/claude-opus-4.6-20260205', ['claude-opus-4-6']],
  ['claude-opus-5-5@20260922', ['claude-opus-5-5']],
  ['claude-opus-4-6-2026-02-05', ['claude-opus-4-6']],
  ['us.anthropic.claude-opus-4-6-20260205-v1:0', ['anthropic.claude-opus-4-6-v1']],
  ['bedrock/anthropic.claude-sonnet-5-20260630-v1:0', ['anthropic.claude-sonnet-5']],
])('explains that %s has no date, and suggests %s', (name, suggestions) => {
  expect(resolve(name)).toEqual({
    ok: false,
    because: 'unknown',
    suggestions,
    detail: 'From Claude 4.6 on, the id of a model has no date.',
  })
})

test.each([
  [
    'claude-haiku-4-5-20251101',
    ['claude-haiku-4-5-20251001'],
    'Claude Haiku 4.5 has no snapshot of 20251101.',
  ],
  [
    'claude-haiku-4-5-20251101-v1:0',
    ['claude-haiku-4-5-20251001'],
    'Claude Haiku 4.5 has no snapshot of 20251101.',
  ],
  ['claude-3-5-sonnet@20241022', ['claude-3-5-sonnet-v2@20241022', 'claude-3-5-sonnet@20240620'], undefined],
  ['anthropic.claude-3-haiku-20240307-v2:0', ['anthropic.claude-3-haiku-20240307-v1:0'], undefined],
  ['anthropic.claude-opus-4-6-v1:0', ['anthropic.claude-opus-4-6-v1'], undefined],
])('suggests the ids that exist for the wrong version %s', (name, suggestions, detail) => {
  const expected = { ok: false, because: 'unknown', suggestions }

  expect(resolve(name)).toEqual(detail === undefined ? expected : { ...expected, detail })
})

test("finds the caller's own names before all others, behind prefixes and with [1m]", () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'
  const own = new Map([
    [arn, 'us.anthropic.claude-opus-4-1-20250805-v1:0'],
    ['our-best', 'opus 4.5'],
    ['claude-sonnet-4-0', 'claude-sonnet-4-5'],
  ])

  expect(resolve(arn, { aliases: own })).toMatchObject({
    ok: true,
    as: 'own_alias',
    canonical: 'claude-opus-4-1-20250805',
    profile: 'us',
  })
  expect(resolve(`bedrock/converse/${arn}[1m]`, { aliases: own })).toMatchObject({ ok: true, window: '1m' })
  expect(resolve('our-best', { aliases: own })).toMatchObject({ canonical: 'claude-opus-4-5-20251101' })
  expect(resolve('claude-sonnet-4-0', { aliases: own })).toMatchObject({
    canonical: 'claude-sonnet-4-5-20250929',
  })
  expect(resolve(`${arn}x`, { aliases: own })).toMatchObject({ ok: false, because: 'opaque' })
})

/** Every name that the catalog prints for a model. */
const printed = models.flatMap((model) => {
  const { id, aliases, otherIds, platforms, mantleId, displayName } = model
  const profiles = getBedrockProfiles([model]).map((profile) => profile.id)
  const ids = [id, ...aliases, ...otherIds, ...Object.values(platforms), mantleId, ...profiles]
  const named = [...ids, displayName].filter((name) => typeof name === 'string')
  return named.map((name) => ({ name, id }))
})

const prefixes = [
  '',
  'anthropic/',
  'anthropic:',
  '@anthropic/',
  'claude/',
  'openrouter/anthropic/',
  'bedrock/',
  'bedrock:',
  'bedrock_converse:',
  'bedrock/us-east-1/',
  'bedrock/us-gov-west-1/',
  'bedrock/converse/',
  'bedrock/invoke/',
  'amazon-bedrock/',
  'vertex_ai/',
  'google_vertexai:',
  'google-vertex/',
  'google-vertex-anthropic/',
  'azure_ai/',
  'azure/',
  'litellm_proxy/',
  'openai/',
  'github_copilot/',
  'vercel_ai_gateway/anthropic/',
  'litellm_proxy/bedrock/converse/us-east-1/',
  'models/',
  'publishers/anthropic/models/',
  'projects/p/locations/us-east5/publishers/anthropic/models/',
]

test('resolves every printed name to its model, behind every prefix, in any case and with [1m]', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...printed),
      fc.constantFrom(...prefixes),
      fc.boolean(),
      fc.constantFrom('', '[1m]', '[1M]'),
      ({ name, id }, prefix, isUpper, window) => {
        // A colon in a path of Google Cloud begins its method.
        fc.pre(!prefix.includes('publishers') || !name.includes(':'))
        const typed = `${prefix}${isUpper ? name.toUpperCase() : name}${window}`

        expect([typed, resolve(typed)]).toMatchObject([typed, { ok: true, canonical: id }])
        expect('window' in resolve(typed)).toBe(window !== '')
      },
    ),
    { numRuns: 2_000 },
  )
})

test('resolves a name with dots and with @default as without', () => {
  for (const { name, id } of printed) {
    const dotted = name.replace(/(\d)-(\d)(?!\d)/, '$1.$2')

    expect([dotted, resolve(dotted)]).toMatchObject([dotted, { ok: true, canonical: id }])
  }
  for (const { id, platforms } of models) {
    if (platforms.vertex === null) continue
    const moving = platforms.vertex.replace(/@.*/, '@default')

    expect([moving, resolve(moving)]).toMatchObject([moving, { ok: true, canonical: id }])
  }
})

test('resolves a name that means two snapshots to none of them', () => {
  const words = fc.constantFrom(
    'claude',
    'sonnet',
    'opus',
    'haiku',
    '3',
    '3.5',
    '3-5',
    '4',
    '4.5',
    '5',
    'latest',
  )
  const separator = fc.constantFrom('-', ' ', '_')

  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), separator, (parts, between) => {
      const name = parts.join(between)
      if (claudeCodeNames.has(name)) return
      const resolution = resolve(name)
      if (!resolution.ok) return
      const alike = models.filter(
        ({ family, generation }) =>
          family === resolution.model.family && generation === resolution.model.generation,
      )

      // Only an alias of the Claude API chooses between two snapshots of one generation.
      expect(alike.length === 1 || /latest/.test(name)).toBe(true)
    }),
  )
})

test('resolves a moved alias by the day', () => {
  const on = (asOf: string) => resolve('claude-3-5-sonnet-latest', { asOf })

  expect(on('2024-10-21')).toMatchObject({ canonical: 'claude-3-5-sonnet-20240620' })
  expect(on('2024-10-22')).toMatchObject({ canonical: 'claude-3-5-sonnet-20241022' })
  expect(on('2026-11-22')).toMatchObject({ canonical: 'claude-3-5-sonnet-20241022' })
})

test('prefers the given platform for a name of several platforms', () => {
  expect(resolve('claude-opus-4-1', { platform: 'foundry' })).toMatchObject({ as: 'foundry' })
  expect(resolve('claude-opus-5-5', { platform: 'vertex' })).toMatchObject({ as: 'vertex' })
  expect(resolve('claude-opus-5-5', { platform: 'bedrock' })).toMatchObject({ as: 'id' })
})

test.each([
  ['claude-2.1', '2025-07-21', 'claude-opus-4-8'],
  ['Claude 2.1', '2025-07-21', 'claude-opus-4-8'],
  ['anthropic/claude-3-sonnet-20240229', '2025-07-21', 'claude-sonnet-5-5'],
  ['claude sonnet 3', '2025-07-21', 'claude-sonnet-5-5'],
  ['claude-instant-1.2', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['anthropic.claude-v2:1', '2025-07-21', 'claude-opus-4-8'],
  ['anthropic.claude-v2:1:200k', '2025-07-21', 'claude-opus-4-8'],
  ['anthropic.claude-v2:0:18k', '2025-07-21', 'claude-opus-4-8'],
  ['claude-v2:1', '2025-07-21', 'claude-opus-4-8'],
  ['anthropic/claude-2', '2025-07-21', 'claude-opus-4-8'],
  ['CLAUDE-V2', '2025-07-21', 'claude-opus-4-8'],
  ['claude-v1.3-100k', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['claude-instant-v1-100k', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['claude-instant-v1', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['bedrock/anthropic.claude-instant-v1', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['anthropic.claude-instant-v1:2:100k', '2024-11-06', 'claude-haiku-4-5-20251001'],
  ['anthropic.claude-3-sonnet-20240229-v1:0', '2025-07-21', 'claude-sonnet-5-5'],
  ['us.anthropic.claude-3-sonnet-20240229-v1:0:28k', '2025-07-21', 'claude-sonnet-5-5'],
  ['vertex_ai/claude-3-sonnet@20240229', '2025-07-21', 'claude-sonnet-5-5'],
  ['anthropic/claude-3-sonnet:beta', '2025-07-21', 'claude-sonnet-5-5'],
  ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2', '2025-07-21', 'claude-opus-4-8'],
])('resolves %s as an id retired on %s', (name, retired, replacement) => {
  expect(resolve(name)).toMatchObject({
    ok: false,
    because: 'retired',
    suggestions: [replacement],
    retired: { retired, replacement },
  })
})

test.each([
  ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3', 'GetInferenceProfile'],
  ['arn:aws-us-gov:bedrock:us-gov-west-1:1:application-inference-profile/a[1m]', 'GetInferenceProfile'],
  ['arn:aws:bedrock:us-east-1:123456789012:provisioned-model/xyz', 'provisioned-model'],
  ['bedrock/arn:aws:bedrock:us-east-1:1:imported-model/m', 'imported-model'],
  ['bedrock/converse/arn:aws-cn:bedrock:cn-north-1:1:custom-model/anthropic.claude/x', 'custom-model'],
  ['arn:aws:bedrock:us-east-1:1:default-prompt-router/anthropic.claude:1', 'default-prompt-router'],
  ['arn:aws:bedrock:us-east-1:1:prompt-router/r', 'prompt-router'],
  ['arn:aws:sagemaker:us-east-1:1:endpoint/e', 'endpoint'],
])('does not guess at %s, and returns the reason', (name, word) => {
  const resolution = resolve(name)

  expect(resolution).toMatchObject({ ok: false, because: 'opaque', suggestions: [] })
  expect(resolution.ok ? '' : resolution.detail).toContain(word)
})

test('suggests the active models of a family name', () => {
  expect(resolve('Claude Opus', { asOf: '2025-08-15' })).toEqual({
    ok: false,
    because: 'ambiguous',
    suggestions: ['claude-opus-4-1-20250805', 'claude-opus-4-20250514'],
  })
})

test('resolves every id of every platform in the facts', () => {
  // The fixture is ours and has this shape.
  const facts = JSON.parse(readFileSync(join(import.meta.dirname, '../facts/models.json'), 'utf8')) as {
    models: { id: string; ids: Record<string, string | null>; aliases: string[] }[]
  }
  const named = facts.models.flatMap(({ id, ids, aliases }) =>
    [...Object.values(ids), ...aliases].filter((name) => name !== null).map((name) => [name, id]),
  )

  expect(named.length).toBeGreaterThan(100)
  for (const [name = '', id] of named) expect(resolve(name), name).toMatchObject({ ok: true, canonical: id })
})

test.each(['', ' ', '?', 'gpt-4', 'toString', '__proto__', 'us.', 'claude-instant-1.2-but-not-quite'])(
  'does not resolve %j, and suggests nothing',
  (name) => {
    expect(resolve(name)).toEqual({ ok: false, because: 'unknown', suggestions: [] })
  },
)

test('does not accept a prefix of another cloud, or an unknown one', () => {
  for (const name of [
    'us.claude-opus-4-1',
    'elsewhere/claude-opus-4-1',
    'mars.anthropic.claude-3-haiku-20240307-v1:0',
  ]) {
    expect(resolve(name).ok).toBe(false)
  }
})

test('suggests at most three ids, each of which resolves to another model', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...models.map(({ id }) => id)),
      fc.nat(30),
      fc.string({ maxLength: 3 }),
      (id, at, text) => {
        const resolution = resolve(id.slice(0, at) + text + id.slice(at + 1))
        if (resolution.ok || resolution.because !== 'unknown') return
        const found = resolution.suggestions.map((name) => resolve(name))

        expect(found.length).toBeLessThanOrEqual(3)
        expect(new Set(found.map((each) => (each.ok ? each.canonical : ''))).size).toBe(found.length)
        expect(found.every((each) => each.ok)).toBe(true)
      },
    ),
  )
})

test('never throws for any name', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.anything()), (name) => {
      // Deliberately not of the type: names are outside input.
      expect(typeof resolve(name as string).ok).toBe('boolean')
    }),
  )
})

test('never throws for a likely name with any prefixes and suffixes', () => {
  const piece = fc.constantFrom(
    'us.',
    'anthropic.',
    'anthropic/',
    'bedrock/',
    'vertex_ai/',
    'arn:aws:bedrock:',
    'publishers/anthropic/models/',
    'inference-profile/',
    'claude-opus-4-1',
    '-v1:0',
    ':',
    '/',
    '@',
    '[1m]',
    'opus',
    ' ',
    '-latest',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const resolution = resolve(pieces.join(''))

      expect(resolution.ok || resolution.suggestions.length >= 0).toBe(true)
    }),
  )
})

test('rejects a name longer than the 256 characters that the API accepts', () => {
  const unknown = { ok: false, because: 'unknown', suggestions: [] }

  expect(resolve('Opus 4.1'.padStart(256))).toMatchObject({ ok: true })
  expect(resolve('Opus 4.1'.padStart(257))).toEqual(unknown)
  expect(resolve('claude-opus-4-1'.repeat(1_000_000))).toEqual(unknown)
})
