import { expect, test } from 'vitest'

import { readDescribedKeywords } from '../../src/tools/described-keywords.ts'
import { makeSchemaValue } from '../../src/tools/input.ts'
import { createSchemaChecker } from '../../src/tools/schema-check.ts'

test.each<[string, unknown]>([
  ['{minLength: 2}', { minLength: 2 }],
  ['How good it was.\n\n{minimum: 0, maximum: 5}', { minimum: 0, maximum: 5 }],
  [
    '{enum: ["comedy", "a, type: b"], pattern: "^\\\\d, x: {2}$"}',
    { enum: ['comedy', 'a, type: b'], pattern: '^\\d, x: {2}$' },
  ],
  ['A place, such as {city: "Paris"}', null],
  ['{not JSON: at all}', null],
  ['', null],
])('the keywords at the end of %j are read', (description, keywords) => {
  expect(readDescribedKeywords(description)).toEqual(keywords)
})

test('a value satisfies the keywords in a description', () => {
  const schema = {
    type: 'object',
    properties: {
      stars: { type: 'integer', description: '{minimum: 1, maximum: 5}' },
      genre: { type: 'string', description: 'Of the book.\n\n{enum: ["comedy", "satire"]}' },
      tags: { type: 'array', items: { type: 'string' }, description: '{minItems: 2, maxItems: 3}' },
    },
    required: ['stars', 'genre', 'tags'],
    additionalProperties: false,
  }
  const context = { question: 'Recommend a satire.', hints: [], anchor: 0, fingerprint: 'fingerprint' }
  const value = makeSchemaValue(schema, context, createSchemaChecker())

  expect(value).toEqual({
    stars: expect.toSatisfy((stars: number) => stars >= 1 && stars <= 5),
    genre: 'satire',
    tags: expect.toSatisfy((tags: string[]) => tags.length >= 2 && tags.length <= 3),
  })
})
