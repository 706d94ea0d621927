import { isRecord, readRecord } from '@anthology/wire'

import { flatten, toList, listTypes } from './schema.ts'
import type { Schema } from './json-schema.ts'
import { makeNumber } from './number-value.ts'
import { makeText } from './text-value.ts'
import type { GenerateState } from './generate-state.ts'

/** The maximum number of values in one input. */
export const maxValues = 2_000
const maxOptionalDepth = 4
const maxOpenDepth = 3
const maxDepth = 24
const maxListLength = 1_000

/**
 * Generates a value that should satisfy the schema. Only its structure is considered, not `not`, `contains` and the like,
 * so the caller validates the value.
 */
export function makeValue(schema: unknown, state: GenerateState, name = '', depth = 0): unknown {
  state.left.values -= 1
  if (depth > maxDepth || state.left.values < 0) return null
  const flat = flatten(schema, state.root, (branches) => chooseBranch(branches, state, depth))
  if ('const' in flat) return flat['const']
  const values = toList(flat['enum'])
  if (values.length > 0) return pickNamed(values, state)
  if (depth > 0 && 'default' in flat && !isMentioned(name, flat, state)) return flat['default']
  switch (getType(flat)) {
    case 'object':
      return makeObject(flat, state, depth)
    case 'array':
      return makeList(flat, state, name, depth)
    case 'integer':
      return makeNumber({ ...flat, multipleOf: flat['multipleOf'] ?? 1 }, state, name)
    case 'number':
      return makeNumber(flat, state, name)
    case 'boolean':
      return state.random.below(2) === 1
    case 'null':
      return null
    default:
      return makeText(flat, state, name)
  }
}

/** At depth the last branch is preferred, because it usually ends a recursion (`null`, a leaf). */
function chooseBranch(branches: number, { random }: GenerateState, depth: number): number {
  return depth > maxOptionalDepth
    ? branches - 1 - random.below(2) * Math.min(1, branches - 1)
    : random.below(branches)
}

/** Whether the question mentions a text property; then its default is not used. */
function isMentioned(name: string, schema: Schema, state: GenerateState): boolean {
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 3)
  return getType(schema) === 'string' && words.some((word) => state.question.includes(word))
}

/** Picks the allowed value that the question mentions, else a random one. */
function pickNamed(values: readonly unknown[], { question, random }: GenerateState): unknown {
  const named = values.find(
    (value) => typeof value === 'string' && value.length > 1 && question.includes(value.toLowerCase()),
  )
  return named ?? values[random.below(values.length)]
}

function getType(schema: Schema): string {
  const types = listTypes(schema['type'])
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

function makeObject(schema: Schema, state: GenerateState, depth: number): Record<string, unknown> {
  const properties = readRecord(schema, 'properties') ?? {}
  const names = listIncludedNames(schema, state, depth)
  const minLength = typeof schema['minProperties'] === 'number' ? schema['minProperties'] : 0
  for (let extra = 1; names.size < Math.min(minLength, maxListLength); extra += 1) {
    const left = Object.keys(properties).find((name) => !names.has(name))
    names.add(left ?? `item_${extra}`)
  }
  // `fromEntries` creates own members even for names such as `__proto__`.
  return Object.fromEntries(
    [...names].map((name): [string, unknown] => {
      const property = Object.hasOwn(properties, name) ? properties[name] : findAdditionalSchema(schema, name)
      return [name, makeValue(property, state, name, depth + 1)]
    }),
  )
}

function listIncludedNames(schema: Schema, state: GenerateState, depth: number): Set<string> {
  const included = Object.keys(readRecord(schema, 'properties') ?? {}).filter((name) =>
    isIncluded(name, schema, state, depth),
  )
  const names = new Set([
    ...included,
    ...toList(schema['required']).filter((name) => typeof name === 'string'),
  ])
  for (const [name, others] of Object.entries(readRecord(schema, 'dependentRequired') ?? {}))
    if (names.has(name)) for (const other of toList(others)) names.add(String(other))
  return names
}

/** An optional property is included if nothing is required, or if the question mentions one of its values. */
function isIncluded(name: string, schema: Schema, state: GenerateState, depth: number): boolean {
  if (toList(schema['required']).includes(name)) return true
  if (depth > maxOptionalDepth) return false
  if (schema['required'] === undefined) return depth < maxOpenDepth
  const flat = flatten(readRecord(schema, 'properties')?.[name], state.root, () => 0)
  return toList(flat['enum']).some(
    (value) => typeof value === 'string' && value.length > 1 && state.question.includes(value.toLowerCase()),
  )
}

function findAdditionalSchema(schema: Schema, name: string): unknown {
  const patterns = Object.entries(readRecord(schema, 'patternProperties') ?? {})
  return patterns.find(([pattern]) => matches(pattern, name))?.[1] ?? schema['additionalProperties'] ?? {}
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return false
  }
}

function makeList(schema: Schema, state: GenerateState, name: string, depth: number): unknown[] {
  const length = getLength(schema, state, depth)
  const list: unknown[] = []
  const seen = new Set<string>()
  // Extra tries, because `uniqueItems` discards duplicates.
  for (let tries = 0; list.length < length && tries < length * 4; tries += 1) {
    const value = makeValue(getItemSchema(schema, list.length), state, toSingular(name), depth + 1)
    const identity = schema['uniqueItems'] === true ? JSON.stringify(value) : String(tries)
    if (seen.has(identity)) continue
    seen.add(identity)
    list.push(value)
  }
  return list
}

function getLength(schema: Schema, { random }: GenerateState, depth: number): number {
  const { prefixItems, minItems, maxItems } = schema
  const isDeep = depth > maxOptionalDepth
  const defaultLength = isDeep ? 0 : Math.max(1, toList(prefixItems).length)
  const minLength = typeof minItems === 'number' ? minItems : defaultLength
  const wantedLength = minLength + (isDeep ? 0 : random.below(2))
  return Math.min(wantedLength, typeof maxItems === 'number' ? maxItems : wantedLength, maxListLength)
}

function getItemSchema({ prefixItems, items, contains }: Schema, index: number): unknown {
  const own = toList(prefixItems)[index] ?? (isRecord(items) ? items : {})
  return index === 0 && contains !== undefined ? { allOf: [own, contains] } : own
}

function toSingular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '')
}
