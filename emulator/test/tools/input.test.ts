import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readHints } from '../../src/tools/hints.ts'
import { makeSchemaValue } from '../../src/tools/input.ts'
import { createSchemaChecker } from '../../src/tools/schema-check.ts'
import type { Schema } from '../../src/tools/json-schema.ts'

const checker = createSchemaChecker()

describe('a value', () => {
  test.each<[string, Schema]>([
    [
      'of one of several types',
      object({ a: { type: ['integer', 'null'] }, b: { type: ['null', 'string'], minLength: 3 } }),
    ],
    [
      'of each format',
      object(
        Object.fromEntries(
          [
            'date',
            'date-time',
            'time',
            'duration',
            'email',
            'uri',
            'uri-reference',
            'hostname',
            'ipv4',
            'ipv6',
            'uuid',
            'regex',
            'json-pointer',
          ].map((format) => [format, { type: 'string', format }]),
        ),
      ),
    ],
    [
      'within bounds',
      object({
        a: { type: 'integer', minimum: 7, maximum: 7 },
        b: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
        c: { type: 'integer', multipleOf: 7, minimum: 50 },
        d: { type: 'number', maximum: -3.5 },
        e: { type: 'number', multipleOf: 0.25, minimum: 1 },
        f: { type: 'integer', exclusiveMaximum: 0 },
      }),
    ],
    [
      'of a length',
      object({
        a: { type: 'string', minLength: 40, maxLength: 42 },
        b: { type: 'string', maxLength: 2 },
        c: { type: 'string', minLength: 1_200 },
      }),
    ],
    [
      'of a pattern',
      object({
        a: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
        b: { type: 'string', pattern: '^(?:red|green)$' },
        c: { type: 'string', pattern: '^\\+?[1-9]\\d{6,10}$' },
        d: { pattern: 'x' },
      }),
    ],
    [
      'of a list',
      object({
        a: { type: 'array', minItems: 3, maxItems: 3, items: { type: 'integer' } },
        b: { type: 'array', prefixItems: [{ const: 'lat' }, { type: 'number' }], items: false, minItems: 2 },
        c: { type: 'array', uniqueItems: true, minItems: 3, items: { enum: [1, 2, 3] } },
        d: { type: 'array', contains: { const: 5 }, items: { type: 'integer' } },
        e: { type: 'array', maxItems: 0 },
      }),
    ],
    [
      'with references',
      {
        ...object({ a: { $ref: '#/$defs/a' }, b: { $ref: '#named' } }),
        $defs: {
          a: { $ref: '#/$defs/a~1b' },
          'a/b': { type: 'integer', minimum: 5 },
          c: { $anchor: 'named', type: 'string', minLength: 4 },
        },
      },
    ],
    [
      'of a tree',
      {
        $ref: '#/$defs/node',
        $defs: {
          node: object({
            name: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/$defs/node' } },
          }),
        },
      },
    ],
    [
      'of a list that links on',
      {
        $defs: {
          link: object({
            value: { type: 'integer' },
            next: { anyOf: [{ $ref: '#/$defs/link' }, { type: 'null' }] },
          }),
        },
        $ref: '#/$defs/link',
      },
    ],
    [
      'of the union of models that Pydantic writes',
      {
        ...object({
          pet: {
            discriminator: { propertyName: 'kind' },
            oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }],
          },
        }),
        $defs: {
          Cat: object({
            kind: { const: 'cat', type: 'string' },
            lives: { type: 'integer', maximum: 9, minimum: 1 },
          }),
          Dog: object({ kind: { const: 'dog', type: 'string' }, good: { type: 'boolean' } }),
        },
      },
    ],
    [
      'of parts that hold together',
      object({
        a: { allOf: [{ type: 'integer', minimum: 5 }, { maximum: 6 }] },
        b: { allOf: [object({ x: { type: 'string' } }, {}), object({ y: { type: 'integer' } }, {})] },
      }),
    ],
    [
      'of a condition',
      {
        ...object({ country: { enum: ['US', 'NL'] }, code: { type: 'string' } }),
        if: { properties: { country: { const: 'US' } } },
        // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: { properties: { code: { pattern: '^\\d{5}$' } } },
        else: { properties: { code: { pattern: '^\\d{4}[A-Z]{2}$' } } },
      },
    ],
    [
      'with a not',
      object({
        a: { type: 'integer', minimum: 1, maximum: 3, not: { const: 2 } },
        b: { type: 'string', not: { enum: ['offline'] } },
      }),
    ],
    [
      'with properties of any name',
      { type: 'object', minProperties: 2, additionalProperties: { type: 'integer' } },
    ],
    [
      'with properties by pattern',
      {
        type: 'object',
        required: ['x_1'],
        patternProperties: { '^x_': { type: 'boolean' } },
        additionalProperties: false,
      },
    ],
    [
      'with what depends on another',
      {
        ...object({ card: { type: 'string' } }),
        properties: { card: { type: 'string' }, address: { type: 'string' } },
        dependentRequired: { card: ['address'] },
      },
    ],
    [
      'with names that mean something to JavaScript',
      object({
        hasOwnProperty: { type: 'integer' },
        constructor: { type: 'string' },
        toString: { type: 'boolean' },
      }),
    ],
    ['that nothing is said of', {}],
    [
      'of an older edition',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        ...object({ a: { $ref: '#/definitions/a' } }),
        definitions: { a: { type: 'integer' } },
      },
    ],
  ])('%s satisfies its schema, whatever the chance', (_, schema) => {
    const validate = getValidator(schema)
    for (let seed = 0; seed < 12; seed += 1) {
      const value = make(schema, 'Hello, what is 12 plus 30 on 2025-01-02 in Paris?', String(seed))

      expect(validate(value), `${JSON.stringify(value)} ${JSON.stringify(validate.errors)}`).toBe(true)
    }
  })

  test('of any generated schema satisfies it', () => {
    fc.assert(
      fc.property(schemas, fc.string(), (schema, seed) => {
        const value = make(schema, 'Tell Alice about 7 cats, “tea” and a@b.co', seed)
        const validate = getValidator(schema)

        expect(validate(value), `${JSON.stringify(value)} ${JSON.stringify(validate.errors)}`).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('is the same for the same question, and differs with another seed', () => {
    const schema = object({ a: { type: 'integer', maximum: 1_000_000, minimum: 0 }, b: { type: 'string' } })

    expect(make(schema, 'Hi', 'one')).toEqual(make(schema, 'Hi', 'one'))
    expect(
      new Set(['1', '2', '3', '4'].map((seed) => JSON.stringify(make(schema, 'Hi', seed)))).size,
    ).toBeGreaterThan(1)
  })

  test('uses the values in the question', () => {
    const schema = object({
      name: { type: 'string' },
      email: { type: 'string', format: 'email' },
      date: { type: 'string', format: 'date' },
      people: { type: 'integer' },
      city: { type: 'string' },
      plan: { enum: ['basic', 'premium'] },
    })
    const question =
      'Extract: Ada Lovelace (ada@example.org) books the premium plan for 12 people on 2025-09-01 in Oslo.'

    expect(make(schema, question)).toEqual({
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      date: '2025-09-01',
      people: 12,
      city: 'Oslo',
      plan: 'premium',
    })
  })

  test.each<[string, Schema]>([
    ['what no value satisfies', object({ a: { type: 'integer', minimum: 5, maximum: 4 } })],
    ['what refers to nowhere', object({ a: { $ref: '#/$defs/nothing' } })],
    [
      'what refers to nowhere behind a long list',
      { $ref: '#gone', $defs: { a: { enum: Array(200_000).fill(1) } } },
    ],
    ['what refers to itself', { $ref: '#' }],
    ['what refers to elsewhere', object({ a: { $ref: 'https://example.com/schema.json' } })],
    ['what never ends', { $defs: { a: object({ next: { $ref: '#/$defs/a' } }) }, $ref: '#/$defs/a' }],
    ['what is no schema', { type: 7, properties: [], required: 'x', enum: {}, items: null }],
    ['a pattern that is none', object({ a: { type: 'string', pattern: '(' } })],
    [
      'a list that is too long',
      object({ a: { type: 'array', minItems: 1e9, items: object({ b: { type: 'string' } }) } }),
    ],
    ['a text that is too long', object({ a: { type: 'string', minLength: 1e12 } })],
  ])('is made even for %s, in bounded time', (_, schema) => {
    expect(make(schema, 'Hello')).toBeDefined()
  })
})

const leaves: fc.Arbitrary<Schema> = fc.oneof(
  fc.record(
    { type: fc.constant('string'), minLength: fc.nat(30), maxLength: fc.integer({ min: 30, max: 60 }) },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constant('integer'),
      minimum: fc.integer({ min: -50, max: 10 }),
      maximum: fc.integer({ min: 10, max: 99 }),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constant('number'),
      exclusiveMinimum: fc.integer({ min: -50, max: 10 }),
      maximum: fc.integer({ min: 11, max: 99 }),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({
    type: fc.constant('integer'),
    multipleOf: fc.integer({ min: 1, max: 12 }),
    minimum: fc.nat(500),
  }),
  fc.record({
    type: fc.constant('string'),
    format: fc.constantFrom('date', 'date-time', 'email', 'uri', 'uuid', 'ipv4'),
  }),
  fc.record({
    enum: fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  fc.record({ const: fc.jsonValue({ maxDepth: 2 }) }),
  fc.constantFrom<Schema>({ type: 'boolean' }, { type: 'null' }, {}),
)

const { schema: schemas } = fc.letrec<{ schema: Schema; node: Schema }>((tie) => ({
  schema: fc
    .dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('node'), { maxKeys: 5 })
    .map((properties) => object(properties)),
  node: fc.oneof(
    { maxDepth: 3 },
    leaves,
    tie('schema'),
    fc.record({ type: fc.constant('array'), items: tie('node'), minItems: fc.nat(3) }),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((anyOf): Schema => ({ anyOf })),
  ),
}))

function make(schema: Schema, question: string, fingerprint = 'fingerprint'): unknown {
  return makeSchemaValue(schema, { question, hints: readHints(question), anchor: 0, fingerprint }, checker)
}

function object(properties: Schema, more: Schema = { additionalProperties: false }): Schema {
  return { type: 'object', properties, required: Object.keys(properties), ...more }
}

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)

function getValidator({ $schema: _edition, ...schema }: Schema) {
  return ajv.compile(schema)
}
