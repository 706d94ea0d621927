import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import type { Model } from '../../src/index.ts'
import { calendar, catalogDocument, models, retirementsIcs } from '../../src/index.ts'
import { modelMembers } from '../../src/publish/document.ts'

const folder = join(import.meta.dirname, '../..')

test('the committed catalog.json is up to date: `node scripts/catalog.ts` writes it', () => {
  expect(JSON.parse(read('catalog.json'))).toEqual(catalogDocument())
  expect(read('catalog.json')).toBe(`${JSON.stringify(catalogDocument(), null, 2)}\n`)
})

test('the committed retirements.ics is up to date', () => {
  expect(read('retirements.ics')).toBe(retirementsIcs(calendar({ asOf: '2026-11-29' }), '2026-11-29'))
})

test('matches its schema, with a day and without', () => {
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(read('catalog.schema.json')),
  )

  for (const document of [catalogDocument(), catalogDocument({ asOf: '2026-11-22' })]) {
    validate(document)

    expect(validate.errors).toBe(null)
  }
})

test('the schema rejects unknown members', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(read('catalog.schema.json')),
  )
  const [first, ...rest] = catalogDocument().models

  expect(validate({ ...catalogDocument(), models: [{ ...first, speed: 1 }, ...rest] })).toBe(false)
  expect(validate({ ...catalogDocument(), models: [{ ...first, input: ['smell'] }, ...rest] })).toBe(false)
})

test('has every member of every model', () => {
  const members: readonly (keyof Model)[] = modelMembers

  for (const model of models) {
    expect(Object.keys(model).filter((name) => !members.some((member) => member === name))).toEqual([])
  }
})

test('is plain data that survives serialization, and lists its sources', () => {
  const document = catalogDocument({ asOf: '2026-11-22' })

  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  expect(document.models.find(({ id }) => id === 'claude-fable-5-2')).toMatchObject({
    status: { anthropic: 'active' },
  })
  expect(document.aliases['claude-3-5-sonnet-latest']).toHaveLength(2)
})

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}
