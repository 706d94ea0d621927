import { expect, test } from 'vitest'

import { findSchemaSubsetProblem } from '../../src/messages/schema-subset.ts'

const notClosed = "For 'object' type, 'additionalProperties' must be explicitly set to false"

test.each<[string, unknown, string | null]>([
  ['a closed object', closed({ a: { type: 'string' } }), null],
  ['an object that says nothing', { type: 'object', properties: {} }, notClosed],
  ['an object that takes anything', { ...closed({}), additionalProperties: true }, notClosed],
  ['an open one within', closed({ a: { type: 'object' } }), notClosed],
  ['an open one in an array', closed({ a: { type: 'array', items: { type: 'object' } } }), notClosed],
  ['an open one among definitions', { ...closed({}), $defs: { a: { type: 'object' } } }, notClosed],
  ['an open one that may be null', closed({ a: { type: ['object', 'null'] } }), notClosed],
  ['an open one of several', closed({ a: { anyOf: [{ type: 'string' }, { type: 'object' }] } }), notClosed],
  ['a reference', { ...closed({ a: { $ref: '#/$defs/a' } }), $defs: { a: { type: 'string' } } }, null],
  ['oneOf', closed({ a: { oneOf: [{ type: 'string' }] } }), "Schema type 'oneOf' is not supported"],
  [
    'bounds of an integer',
    closed({ a: { type: 'integer', minimum: 1, maximum: 2 } }),
    "For 'integer' type, properties maximum, minimum are not supported",
  ],
  [
    'one bound of a number',
    closed({ a: { type: 'number', minimum: 1 } }),
    "For 'number' type, property 'minimum' is not supported",
  ],
  [
    'the most items',
    closed({ a: { type: 'array', maxItems: 3 } }),
    "For 'array' type, property 'maxItems' is not supported",
  ],
  [
    'the least items, if more than one',
    closed({ a: { type: 'array', minItems: 2 } }),
    "For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2])",
  ],
  ['one item at least', closed({ a: { type: 'array', minItems: 1, items: { type: 'string' } } }), null],
  [
    'bounds, patterns and formats of a string',
    closed({ a: { type: 'string', minLength: 1, pattern: '^a', format: 'date' } }),
    null,
  ],
  ['values to choose from', closed({ a: { enum: ['x', 'y'] } }), null],
  ['no schema', 7, null],
  [
    'lists in the wrong place',
    { type: 'object', additionalProperties: false, properties: [1], anyOf: 'x', $defs: 7 },
    null,
  ],
])('%s', (_, schema, text) => {
  expect(findSchemaSubsetProblem(schema)).toBe(text)
})

test.each([
  ['valueOf'],
  ['__proto__'],
  [{ toString: 1 }],
  [[['array']]],
  [JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
])('a type or bound of any other value is handled', (value: unknown) => {
  expect(findSchemaSubsetProblem({ type: value })).toBeNull()
  expect(findSchemaSubsetProblem({ type: 'array', minItems: value })).toBeNull()
})

test('does not follow an endless schema', () => {
  let schema: unknown = { type: 'object' }
  for (let level = 0; level < 50_000; level += 1) schema = { type: 'array', items: schema }

  expect(findSchemaSubsetProblem(schema)).toBeNull()
})

function closed(properties: Readonly<Record<string, unknown>>) {
  return { type: 'object', properties, additionalProperties: false }
}
