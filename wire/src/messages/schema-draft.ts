import { isRecord } from '../body/json-value.ts'

/**
 * Whether a value is a schema by the meta-schema of JSON Schema draft 2020-12 (json-schema.org/draft/2020-12). Formats,
 * such as that of `pattern`, are annotations there, and the API does not check them (router-for-me/CLIProxyAPI issue 5644). The walk is iterative and visits each value once,
 * because a client chooses size and depth.
 */
export function isDraft2020Schema(schema: unknown): boolean {
  const open: unknown[] = [schema]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'boolean') continue
    if (!isRecord(next)) return false
    for (const name of Object.keys(next)) if (keywords.get(name)?.(next[name], open) === false) return false
  }
  return true
}

/** The API's text for an invalid schema; a tool's also has the address of the page about tools. */
export const invalidSchemaText =
  'JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).'

/**
 * The text for the schema of a tool, from public issue reports of May 2025, October 2025 to May 2026, and August 2026;
 * the days of the changes are inferred.
 */
export function getToolSchemaText(asOf: string | undefined): string {
  const page = toolPages.findLast(({ from }) => asOf === undefined || from <= asOf)?.page ?? ''
  return `${invalidSchemaText} Learn more about tool use at ${page}.`
}

const toolPages = [
  { from: '', page: 'https://docs.anthropic.com/en/docs/tool-use' },
  { from: '2025-09-15', page: 'https://docs.claude.com/en/docs/tool-use' },
  { from: '2026-08-01', page: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview' },
] as const

/** Checks the value of a keyword by itself, and adds the schemas in it to those that are still to be checked. */
type KeywordCheck = (value: unknown, open: unknown[]) => boolean

const schema: KeywordCheck = (value, open) => {
  open.push(value)
  return true
}

const schemaMap: KeywordCheck = (value, open) => {
  if (!isRecord(value)) return false
  for (const member of Object.values(value)) open.push(member)
  return true
}

const schemaList: KeywordCheck = (value, open) => {
  if (!Array.isArray(value) || value.length === 0) return false
  for (const member of value) open.push(member)
  return true
}

const text: KeywordCheck = (value) => typeof value === 'string'
const textLike =
  (pattern: RegExp): KeywordCheck =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const flag: KeywordCheck = (value) => typeof value === 'boolean'
const number: KeywordCheck = (value) => typeof value === 'number'
const positive: KeywordCheck = (value) => typeof value === 'number' && value > 0
const count: KeywordCheck = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0
const anyList: KeywordCheck = (value) => Array.isArray(value)

const names: KeywordCheck = (value) =>
  Array.isArray(value) &&
  value.every((name) => typeof name === 'string') &&
  new Set(value).size === value.length

const namesMap: KeywordCheck = (value, open) =>
  isRecord(value) && Object.values(value).every((member) => names(member, open))

/** The draft of 2019 split this keyword in two, and later drafts still know it. */
const dependencies: KeywordCheck = (value, open) => {
  if (!isRecord(value)) return false
  const members = Object.values(value)
  for (const member of members) if (!Array.isArray(member)) open.push(member)
  return members.every((member) => !Array.isArray(member) || names(member, open))
}

const vocabulary: KeywordCheck = (value) =>
  isRecord(value) && Object.values(value).every((member) => typeof member === 'boolean')

const simpleTypes: ReadonlySet<unknown> = new Set([
  'array',
  'boolean',
  'integer',
  'null',
  'number',
  'object',
  'string',
])

const types: KeywordCheck = (value, open) =>
  Array.isArray(value)
    ? value.length > 0 && value.every((type) => simpleTypes.has(type)) && names(value, open)
    : simpleTypes.has(value)

const anchor = textLike(/^[A-Za-z_][-A-Za-z0-9._]*$/)

/** Every other member of a schema may have any value. */
const keywords: ReadonlyMap<string, KeywordCheck> = new Map([
  ['$id', textLike(/^[^#]*#?$/)],
  ['$schema', text],
  ['$ref', text],
  ['$anchor', anchor],
  ['$dynamicRef', text],
  ['$dynamicAnchor', anchor],
  ['$recursiveRef', text],
  ['$recursiveAnchor', anchor],
  ['$vocabulary', vocabulary],
  ['$comment', text],
  ['$defs', schemaMap],
  ['definitions', schemaMap],
  ['dependencies', dependencies],
  ['prefixItems', schemaList],
  ['items', schema],
  ['contains', schema],
  ['additionalProperties', schema],
  ['properties', schemaMap],
  ['patternProperties', schemaMap],
  ['dependentSchemas', schemaMap],
  ['propertyNames', schema],
  ['if', schema],
  ['then', schema],
  ['else', schema],
  ['allOf', schemaList],
  ['anyOf', schemaList],
  ['oneOf', schemaList],
  ['not', schema],
  ['unevaluatedItems', schema],
  ['unevaluatedProperties', schema],
  ['type', types],
  ['enum', anyList],
  ['multipleOf', positive],
  ['maximum', number],
  ['exclusiveMaximum', number],
  ['minimum', number],
  ['exclusiveMinimum', number],
  ['maxLength', count],
  ['minLength', count],
  ['pattern', text],
  ['maxItems', count],
  ['minItems', count],
  ['uniqueItems', flag],
  ['maxContains', count],
  ['minContains', count],
  ['maxProperties', count],
  ['minProperties', count],
  ['required', names],
  ['dependentRequired', namesMap],
  ['title', text],
  ['description', text],
  ['deprecated', flag],
  ['readOnly', flag],
  ['writeOnly', flag],
  ['examples', anyList],
  ['format', text],
  ['contentEncoding', text],
  ['contentMediaType', text],
  ['contentSchema', schema],
])
