// Writes everything that is derived from the schema of scenarios: `emulator/scenario.schema.json`, and the table of
// members in `docs/test-offline.md`. A test fails when they are stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { scenarioSchema } from '../emulator/src/scenario/scenario-schema.ts'
import { replaceBetweenMarkers } from './page-markers.ts'

const root = join(import.meta.dirname, '..')

/** The derived files, by path relative to the repository, with their text. */
export function printFiles(): readonly { readonly path: string; readonly text: string }[] {
  const page = readFileSync(join(root, 'docs/test-offline.md'), 'utf8')
  return [
    { path: 'docs/test-offline.md', text: replaceBetweenMarkers(page, 'scenario', printMembers()) },
    { path: 'emulator/scenario.schema.json', text: `${JSON.stringify(scenarioSchema, null, 2)}\n` },
  ]
}

/** The part of a JSON Schema that the table reads. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
}

function printMembers(): readonly string[] {
  return [
    '| member | value | meaning |',
    '| --- | --- | --- |',
    ...listMembers(scenarioSchema, '', new Set()).map(
      ({ path, schema }) => `| \`${path}\` | ${describeValue(schema)} | ${describe(schema)} |`,
    ),
  ]
}

interface Member {
  readonly path: string
  readonly schema: Schema
}

/** All members in the order of the schema. A part that was listed before, such as a fault, is not listed again. */
function listMembers(schema: Schema, prefix: string, seen: Set<unknown>): readonly Member[] {
  if (schema.properties !== undefined && seen.has(schema.properties)) return []
  if (schema.properties !== undefined && !isTextTest(schema)) seen.add(schema.properties)
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    return [{ path, schema: member }, ...listBelow(member, path, seen)]
  })
  return own
}

function listBelow(schema: Schema, path: string, seen: Set<unknown>): readonly Member[] {
  // The members of a test of a text are described once, above the table.
  if (isTextTest(schema)) return []
  if (schema.items !== undefined) return listMembers(schema.items, `${path}[]`, seen)
  const values = schema.additionalProperties
  const named =
    typeof values === 'object' && !isTextTest(values) ? listMembers(values, `${path}.NAME`, seen) : []
  return [...listMembers(schema, path, seen), ...named]
}

function isTextTest({ properties }: Schema): boolean {
  return (
    properties !== undefined &&
    'contains' in properties &&
    !('exists' in properties) &&
    !('tool' in properties)
  )
}

function describeValue(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value).replaceAll('"', '')}\``).join(', ')
  if (isTextTest(schema)) return 'text test'
  const types = [schema.type ?? 'any value'].flat().map((type) => typeNames[type] ?? type)
  return types.join(' or ') + describeRange(schema)
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  array: 'list',
  boolean: 'true or false',
}

function describeRange({ minimum, maximum }: Schema): string {
  if (minimum === undefined) return ''
  return maximum === undefined ? ` from ${minimum}` : `, ${minimum} to ${maximum}`
}

function describe({ description = '' }: Schema): string {
  return description.replaceAll('|', '\\|').replaceAll(/\{\{[^}]*\}\}/g, '`$&`')
}

if (import.meta.main) {
  const stale = printFiles().filter(
    ({ path, text }) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
  )
  for (const { path, text } of stale) {
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  if (stale.length === 0) console.log('up to date')
}
