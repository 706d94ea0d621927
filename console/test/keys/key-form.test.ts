import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { protocols } from '../../src/api/keys.ts'
import type { Key } from '../../src/api/keys.ts'
import { fillForm, listChanges, readForm } from '../../src/pages/keys/key-form.ts'

const word = fc.stringMatching(/^[a-z0-9.:/-]{1,12}$/)
const list = fc.option(fc.array(word, { minLength: 1, maxLength: 4 }))
const figure = fc.oneof(fc.integer({ min: 1 }), fc.constant('unlimited'))
const figures = fc.record(
  { requests_per_minute: figure, input_tokens_per_minute: figure, output_tokens_per_minute: figure },
  { requiredKeys: [] },
)

const key: fc.Arbitrary<Key> = fc
  .record({
    name: word,
    member_id: fc.option(word),
    models: list,
    protocols: fc.option(fc.subarray([...protocols], { minLength: 1 })),
    regions: list,
    ip_ranges: list,
    rates: fc.tuple(figures, fc.dictionary(word, figures, { maxKeys: 3, noNullPrototype: true })),
    expires_at: fc.option(
      fc
        .integer({ min: 1_700_000_000, max: 4_000_000_000 })
        .map((seconds) => new Date(seconds * 1_000).toISOString()),
    ),
  })
  .map(({ rates: [all, models], ...given }) => {
    const rates = { ...all, ...(Object.keys(models).length > 0 && { models }) }
    return { ...fixed, ...given, rates: Object.keys(rates).length === 0 ? null : rates }
  })

const fixed = {
  id: 'key_1',
  status: 'active',
  hint: null,
  workspace_id: 'default',
  aws_access_key_id: null,
  previous_valid_until: null,
  created_at: '2026-01-01T00:00:00Z',
  revoked_at: null,
} as const

test('the form has every permission of a key as it is, and changes nothing by itself', () => {
  fc.assert(
    fc.property(key, (given) => {
      const form = fillForm(given)

      expect(given).toMatchObject(readForm(form))
      expect(listChanges(form, form)).toEqual({})
    }),
  )
})

test('only what was changed is sent, and an emptied field removes its restriction', () => {
  fc.assert(
    fc.property(key, word, (given, name) => {
      const form = fillForm(given)
      const changes = listChanges(form, { ...form, name: `${name}-new`, models: '' })

      expect(changes).toEqual({ name: `${name}-new`, ...(given.models !== null && { models: null }) })
    }),
  )
})
