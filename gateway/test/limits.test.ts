import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { printFiles } from '../../scripts/limits.ts'
import { configSchema } from '../src/config/config-schema.ts'
import { errors } from '../src/errors.ts'
import { limitRows } from '../src/limits.ts'

const root = join(import.meta.dirname, '../..')

test.each(printFiles())('$path is the one that `node scripts/limits.ts` writes', ({ path, text }) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})

test('the name of every limit ends with its unit', () => {
  for (const { name, unit } of limitRows)
    expect(/Bytes$|Ms$/.exec(name)?.[0] ?? '', name).toBe({ bytes: 'Bytes', ms: 'Ms', count: '' }[unit])
})

test('the effects of limits name errors with the status of the table of errors', () => {
  const page = readFileSync(join(root, 'docs/limits.md'), 'utf8')
  const named = [...page.matchAll(/(\d{3}) `(\w+)`/g)].map(([, status, code]) => [code, Number(status)])
  const known = Object.entries(errors).map(([code, { status }]) => [code, status])

  expect(named.length).toBeGreaterThan(15)
  for (const error of named) expect(known).toContainEqual(error)
})

test('every member of the configuration has a description', () => {
  const { definitions, ...top } = configSchema

  expect(listUndescribed(top, 'config')).toEqual([])
  for (const [name, schema] of Object.entries(definitions)) expect(listUndescribed(schema, name)).toEqual([])
})

/** The members of a JSON Schema without a text of their own about what they mean. */
function listUndescribed(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, additionalProperties, items } = schema as Readonly<Record<string, unknown>> // A JSON Schema.
  const members = Object.entries(properties as Readonly<Record<string, { readonly description?: string }>>)
  return [
    ...members.flatMap(([name, member]) => [
      ...(/^(?!Default: )./.test(member.description ?? '') ? [] : [`${path}.${name}`]),
      ...listUndescribed(member, `${path}.${name}`),
    ]),
    ...listUndescribed(additionalProperties, `${path}.*`),
    ...listUndescribed(items, `${path}[]`),
  ]
}
