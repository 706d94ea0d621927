import type { Chance } from '../random.ts'
import type { HintPicker } from './hint-picker.ts'
import { flatten, isSchema, listOf, typesOf } from './schema.ts'
import type { Schema } from './schema.ts'
import { makeNumber } from './number-value.ts'
import { makeText } from './text-value.ts'

/** What values are made from. */
export interface Making {
  readonly root: Schema
  readonly hints: HintPicker
  readonly chance: Chance
  /** The words of the user, in lower case, for telling which of an enum's values were asked for. */
  readonly question: string
  /** Makes a sentence for a property that the question has nothing for. */
  readonly sentence: (name: string) => string
  /** Counts down with each value: a schema decides how many there are. */
  readonly left: { values: number }
}

/** Most of the values of one input. */
export const mostValues = 2_000
const deepestOptional = 4
const deepestUnasked = 3
const deepest = 24
const longestList = 1_000

/**
 * A value that means to satisfy the schema. It is built from the structure alone, so whoever needs to
 * be sure validates it: `not`, `contains` and the like are left to chance.
 */
export function makeValue(schema: unknown, making: Making, name = '', depth = 0): unknown {
  making.left.values -= 1
  if (depth > deepest || making.left.values < 0) return null
  const flat = flatten(schema, making.root, (branches) => chooseBranch(branches, making, depth))
  if ('const' in flat) return flat['const']
  const values = listOf(flat['enum'])
  if (values.length > 0) return pickNamed(values, making)
  if (depth > 0 && 'default' in flat && !isAsked(name, flat, making)) return flat['default']
  switch (typeOf(flat)) {
    case 'object':
      return makeObject(flat, making, depth)
    case 'array':
      return makeList(flat, making, name, depth)
    case 'integer':
      return makeNumber({ ...flat, multipleOf: flat['multipleOf'] ?? 1 }, making, name)
    case 'number':
      return makeNumber(flat, making, name)
    case 'boolean':
      return making.chance.below(2) === 1
    case 'null':
      return null
    default:
      return makeText(flat, making, name)
  }
}

/** Deep down the last branch, for what ends a recursion (`null`, a leaf) mostly stands there. */
function chooseBranch(branches: number, { chance }: Making, depth: number): number {
  return depth > deepestOptional
    ? branches - 1 - chance.below(2) * Math.min(1, branches - 1)
    : chance.below(branches)
}

/** A default is taken unless the question has a value for a text or number of this name. */
function isAsked(name: string, schema: Schema, making: Making): boolean {
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 3)
  return typeOf(schema) === 'string' && words.some((word) => making.question.includes(word))
}

/** Of a list of allowed values the one that the question names, else any. */
function pickNamed(values: readonly unknown[], { question, chance }: Making): unknown {
  const named = values.find(
    (value) => typeof value === 'string' && value.length > 1 && question.includes(value.toLowerCase()),
  )
  return named ?? values[chance.below(values.length)]
}

function typeOf(schema: Schema): string {
  const types = typesOf(schema['type'])
  const [first] = types.filter((type) => type !== 'null')
  if (first !== undefined) return first
  if (types.includes('null')) return 'null'
  const members: readonly [string, readonly string[]][] = [
    ['object', ['properties', 'required', 'additionalProperties', 'minProperties', 'patternProperties']],
    ['array', ['items', 'prefixItems', 'minItems', 'contains']],
    ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
  ]
  return members.find(([, names]) => names.some((member) => member in schema))?.[0] ?? 'string'
}

function makeObject(schema: Schema, making: Making, depth: number): Record<string, unknown> {
  const properties = membersOf(schema['properties'])
  const names = wantedNames(schema, making, depth)
  const least = typeof schema['minProperties'] === 'number' ? schema['minProperties'] : 0
  for (let extra = 1; names.size < Math.min(least, longestList); extra += 1) {
    const left = Object.keys(properties).find((name) => !names.has(name))
    names.add(left ?? `item_${extra}`)
  }
  // As members of its own, whatever they are called.
  return Object.fromEntries(
    [...names].map((name): [string, unknown] => {
      const property = Object.hasOwn(properties, name) ? properties[name] : schemaBeside(schema, name)
      return [name, makeValue(property, making, name, depth + 1)]
    }),
  )
}

function membersOf(value: unknown): Schema {
  return isSchema(value) ? value : {}
}

function wantedNames(schema: Schema, making: Making, depth: number): Set<string> {
  const wanted = Object.keys(membersOf(schema['properties'])).filter((name) =>
    isWanted(name, schema, making, depth),
  )
  const names = new Set([...wanted, ...listOf(schema['required']).filter((name) => typeof name === 'string')])
  for (const [name, others] of Object.entries(membersOf(schema['dependentRequired'])))
    if (names.has(name)) for (const other of listOf(others)) names.add(String(other))
  return names
}

/** An optional property is wanted where nothing is required, and where the question names its value. */
function isWanted(name: string, schema: Schema, making: Making, depth: number): boolean {
  if (listOf(schema['required']).includes(name)) return true
  if (depth > deepestOptional) return false
  if (schema['required'] === undefined) return depth < deepestUnasked
  const flat = flatten(membersOf(schema['properties'])[name], making.root, () => 0)
  return listOf(flat['enum']).some(
    (value) => typeof value === 'string' && value.length > 1 && making.question.includes(value.toLowerCase()),
  )
}

function schemaBeside(schema: Schema, name: string): unknown {
  const patterns = Object.entries(membersOf(schema['patternProperties']))
  return patterns.find(([pattern]) => matches(pattern, name))?.[1] ?? schema['additionalProperties'] ?? {}
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return false
  }
}

function makeList(schema: Schema, making: Making, name: string, depth: number): unknown[] {
  const length = lengthOf(schema, making, depth)
  const list: unknown[] = []
  const seen = new Set<string>()
  // Where all are to be different, some are made in vain.
  for (let tries = 0; list.length < length && tries < length * 4; tries += 1) {
    const value = makeValue(itemAt(schema, list.length), making, singular(name), depth + 1)
    const identity = schema['uniqueItems'] === true ? JSON.stringify(value) : String(tries)
    if (seen.has(identity)) continue
    seen.add(identity)
    list.push(value)
  }
  return list
}

function lengthOf(schema: Schema, { chance }: Making, depth: number): number {
  const { prefixItems, minItems, maxItems } = schema
  const isDeep = depth > deepestOptional
  const usual = isDeep ? 0 : Math.max(1, listOf(prefixItems).length)
  const least = typeof minItems === 'number' ? minItems : usual
  const wished = least + (isDeep ? 0 : chance.below(2))
  return Math.min(wished, typeof maxItems === 'number' ? maxItems : wished, longestList)
}

function itemAt({ prefixItems, items, contains }: Schema, index: number): unknown {
  const own = listOf(prefixItems)[index] ?? (isSchema(items) ? items : {})
  return index === 0 && contains !== undefined ? { allOf: [own, contains] } : own
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '')
}
