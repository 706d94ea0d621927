import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { models, resolve } from '../../src/index.ts'

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
  ['claude-opus-4.1', 'claude-opus-4-1'],
  ['claude-sonet-4-20250514', 'claude-sonnet-4-20250514'],
  ['Claude-3-Haiku-20240307', 'claude-3-haiku-20240307'],
  ['claude-3-7-sonnet', 'claude-3-7-sonnet-latest'],
  ['us.anthropic.claude-3-haiku-20240307-v2:0', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['opus-4-1', 'claude-opus-4-1'],
  ['haikku', 'claude-haiku-5-5'],
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
  ['arn:aws:bedrock:us-east-1:123456789012:provisioned-model/xyz', 'provisioned-model'],
  ['bedrock/arn:aws:bedrock:us-east-1:1:imported-model/m', 'imported-model'],
])('does not guess at %s, and returns the reason', (name, word) => {
  const resolution = resolve(name)

  expect(resolution).toMatchObject({ ok: false, because: 'unknown', suggestions: [] })
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

test('matches ids exactly: no case, no blanks, no prefix of another cloud', () => {
  for (const name of [
    'CLAUDE-OPUS-4-1',
    ' claude-opus-4-1',
    'us.claude-opus-4-1',
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
