import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { printFiles } from '../../../scripts/scenario-schema.ts'
import { scenarioSchema } from '../../src/scenario/scenario-schema.ts'

const root = join(import.meta.dirname, '../../..')

test.each(printFiles())(
  '$path is the one that `node scripts/scenario-schema.ts` writes',
  ({ path, text }) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text)
  },
)

test('every member of the schema has a description', () => {
  expect(listUndescribed(scenarioSchema, 'scenario')).toEqual([])
})

function listUndescribed(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { description, properties, additionalProperties, items } = schema as Readonly<Record<string, unknown>> // A JSON Schema.
  const members = Object.entries(properties ?? {}).flatMap(([name, member]) => [
    ...(isDescribed(member) ? [] : [`${path}.${name}`]),
    ...listUndescribed(member, `${path}.${name}`),
  ])
  const own = description === undefined && properties !== undefined ? [path] : []
  return [
    ...own,
    ...members,
    ...listUndescribed(additionalProperties, `${path}.*`),
    ...listUndescribed(items, `${path}[]`),
  ]
}

function isDescribed(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'description' in schema
}
