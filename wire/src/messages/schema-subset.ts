import { isRecord } from '../body/json-value.ts'

/**
 * Checks the subset of JSON Schema that structured outputs and strict tools support (platform.claude.com,
 * build-with-claude/structured-outputs, 2026; texts from public issue reports of 2026, according to which
 * string bounds and patterns have since been accepted). Returns the text for the first unsupported part, or
 * null. The walk is iterative and bounded, because a client chooses the depth.
 */
export function findSchemaSubsetProblem(schema: unknown): string | null {
  const open: unknown[] = [schema]
  for (let looked = 0; open.length > 0 && looked < maxSchemas; looked += 1) {
    const next = open.pop()
    if (!isRecord(next)) continue
    const problem = findIn(next)
    if (problem !== null) return problem
    for (const part of listParts(next)) open.push(part)
  }
  return null
}

/** The maximum number of nested schemas that are checked; the API already rejects far fewer as too complex. */
const maxSchemas = 10_000

type Schema = Readonly<Record<string, unknown>>

function findIn(schema: Schema): string | null {
  if (Object.hasOwn(schema, 'oneOf')) return "Schema type 'oneOf' is not supported"
  const types = [schema['type']].flat()
  if (types.includes('object') && schema['additionalProperties'] !== false)
    return "For 'object' type, 'additionalProperties' must be explicitly set to false"
  const least = schema['minItems']
  if (types.includes('array') && typeof least === 'number' && least !== 0 && least !== 1)
    return `For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [${least}])`
  for (const [type, members] of unsupportedMembers) {
    const found = types.includes(type) ? members.filter((name) => Object.hasOwn(schema, name)) : []
    if (found.length === 1) return `For '${type}' type, property '${found.join()}' is not supported`
    if (found.length > 1) return `For '${type}' type, properties ${found.join(', ')} are not supported`
  }
  return null
}

/** In the order of the API's texts, which is alphabetical. */
const numeric = ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum', 'multipleOf']
const unsupportedMembers: readonly (readonly [type: string, members: readonly string[]])[] = [
  ['array', ['maxItems', 'uniqueItems']],
  ['integer', numeric],
  ['number', numeric],
]

function listParts(schema: Schema): readonly unknown[] {
  const maps = ['properties', '$defs', 'definitions'].map((name) => schema[name]).filter(isRecord)
  const lists = ['anyOf', 'allOf', 'prefixItems'].flatMap((name) => schema[name] ?? [])
  return [...maps.flatMap((named) => Object.values(named)), ...lists, schema['items']]
}
