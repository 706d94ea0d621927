import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { getToolSchemaText, isDraft2020Schema } from '../../src/messages/schema-draft.ts'

test.each([
  ['a type that does not exist', { type: 'object', properties: { a: { type: 'str' } } }],
  [
    'a flag in place of the names of required members',
    { properties: { a: { type: 'string', required: true } } },
  ],
  [
    'the flag of draft 4 for an exclusive bound',
    { properties: { a: { minimum: 0, exclusiveMinimum: true } } },
  ],
  [
    'a list of items, as before this draft',
    { properties: { a: { type: 'array', items: [{ type: 'string' }] } } },
  ],
  ['null as a type', { properties: { a: { type: null } } }],
  ['a type that occurs twice', { properties: { a: { type: ['string', 'string'] } } }],
  ['text in place of a schema', { properties: { a: 'string' } }],
  ['a negative length', { properties: { a: { minLength: -1 } } }],
  ['an empty choice', { properties: { a: { anyOf: [] } } }],
  ['one value in place of an enumeration', { properties: { a: { enum: 'b' } } }],
  ['a broken schema below unused definitions', { $defs: { b: { items: { not: { type: 1 } } } } }],
])('%s is invalid', (_, schema) => {
  expect(isDraft2020Schema(schema)).toBe(false)
})

test.each([
  ['no keyword at all', {}],
  ['the name of an older draft', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }],
  ['keywords of others', { nullable: true, 'x-order': [1], discriminator: { propertyName: 'a' } }],
  ['a property with the name of a keyword', { properties: { type: { type: 'string' }, required: true } }],
  ['a keyword inside of a default', { default: { type: 'str' }, examples: [{ required: true }] }],
])('%s is valid', (_, schema) => {
  expect(isDraft2020Schema(schema)).toBe(true)
})

test('a schema is valid if it satisfies the meta-schema of the draft', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false })
  const draft = 'https://json-schema.org/draft/2020-12/schema'
  const keyword = fc.constantFrom(...keywords)
  const { schema } = fc.letrec((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      fc.boolean(),
      fc.dictionary(keyword, tie('value'), { maxKeys: 3 }),
    ),
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(
        0,
        1,
        -1,
        0.5,
        '',
        'a',
        'string',
        '#',
        'a#b',
        null,
        true,
        [],
        ['a'],
        ['a', 'a'],
      ),
      fc.constantFrom<unknown>(
        ['string', 'null'],
        ['string', 'string'],
        [1],
        { a: true },
        { a: ['b'] },
        { a: 1 },
      ),
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'type'), tie('schema'), { maxKeys: 2 }),
    ),
  }))

  fc.assert(
    fc.property(schema, (given) => {
      expect(isDraft2020Schema(given)).toBe(ajv.validate(draft, given))
    }),
    { numRuns: 5_000 },
  )
})

test('depth costs no stack, and a million values cost one visit each', () => {
  const depth = 200_000
  const deep: unknown = JSON.parse(`${'{"items":'.repeat(depth)}{"type":"str"}${'}'.repeat(depth)}`)
  const wide = {
    properties: Object.fromEntries(
      Array.from({ length: 200_000 }, (_, at) => [`p${at}`, { type: 'string' }]),
    ),
  }

  expect(isDraft2020Schema(deep)).toBe(false)
  expect(isDraft2020Schema({ ...wide, required: Object.keys(wide.properties) })).toBe(true)
})

test.each([
  ['2025-08-15', 'https://docs.anthropic.com/en/docs/tool-use.'],
  ['2025-11-15', 'https://docs.claude.com/en/docs/tool-use.'],
  [undefined, 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.'],
])('the text of %s ends with the address of the page of that time', (day, address) => {
  expect(getToolSchemaText(day)).toBe(
    `JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at ${address}`,
  )
})

const keywords = [
  '$id',
  '$schema',
  '$ref',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
  '$comment',
  '$defs',
  'definitions',
  'dependencies',
  'prefixItems',
  'items',
  'contains',
  'additionalProperties',
  'properties',
  'patternProperties',
  'dependentSchemas',
  'propertyNames',
  'if',
  'then',
  'else',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'unevaluatedItems',
  'unevaluatedProperties',
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxContains',
  'minContains',
  'maxProperties',
  'minProperties',
  'required',
  'dependentRequired',
  'title',
  'description',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  'examples',
  'format',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'unknown',
] as const
