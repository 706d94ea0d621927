import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { models, resolve } from '../src/index.ts'

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
])('%s is a name of kind %s', (name, as, canonical) => {
  expect(resolve(name)).toMatchObject({ ok: true, as, canonical, model: { id: canonical } })
})

test('calls a display name of two snapshots ambiguous and names both', () => {
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
  ['us.anthropic.claude-3-haiku-20240307', 'anthropic.claude-3-haiku-20240307-v1:0'],
  ['opus-4-1', 'claude-opus-4-1'],
  ['haikku', 'claude-3-5-haiku-latest'],
  ['claude opsu 4', 'claude-opus-4-0'],
])('%s is unknown, and %s is what may have been meant', (name, suggestion) => {
  const resolution = resolve(name)

  expect(resolution).toMatchObject({ ok: false, because: 'unknown' })
  expect(resolution.ok ? [] : resolution.suggestions).toContain(suggestion)
})

test.each(['', ' ', '?', 'gpt-4', 'toString', '__proto__', 'us.', 'claude-instant-1.2-but-not-quite'])(
  'does not know %j, nor what may have been meant',
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

test('never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.anything()), (name) => {
      // Deliberately not of the type: names come from outside.
      expect(typeof resolve(name as string).ok).toBe('boolean')
    }),
  )
})

test('does not look at a name longer than the 256 letters that the API takes', () => {
  const unknown = { ok: false, because: 'unknown', suggestions: [] }

  expect(resolve('Opus 4.1'.padStart(256))).toMatchObject({ ok: true })
  expect(resolve('Opus 4.1'.padStart(257))).toEqual(unknown)
  expect(resolve('claude-opus-4-1'.repeat(1_000_000))).toEqual(unknown)
})
