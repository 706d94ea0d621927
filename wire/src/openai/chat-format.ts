import { createJsonText } from '../body/json-text.ts'
import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { isRawNumber, parseExactJson } from '../converse/exact-json.ts'
import { findSchemaSubsetProblem } from '../messages/schema-subset.ts'
import type { ChatFormat } from './chat-request.ts'
import { getExactText } from './exact-texts.ts'
import { fail, ignore, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

/**
 * Translates `response_format` to `output_config.format`, if the model takes it. JSON without a schema has no
 * equivalent there. A schema with parts that structured outputs lack is adapted as Anthropic's SDKs do it
 * (`transformJSONSchema` of `@anthropic-ai/sdk`, 2026): such parts move to the description.
 */
export function translateFormat(
  translation: Translation,
  format: ChatFormat | null,
  isSupported: boolean,
): JsonBody | null {
  if (format === null || format.type === 'text') return null
  if (format.type !== 'json_schema' || !isSupported) {
    ignore(translation, 'response_format')
    return null
  }
  const schema = format.json_schema?.schema
  if (!schema) return fail(translation, 'response_format.json_schema.schema', 'Field required')
  const text = getExactText(translation.texts, schema)
  if (findSchemaSubsetProblem(schema) === null) return { type: 'json_schema', schema: createJsonText(text) }
  if (text.length > maxAdaptedLength)
    return fail(
      translation,
      'response_format.json_schema.schema',
      `A schema that structured outputs do not support as it is can have at most ${maxAdaptedLength} characters`,
    )
  const adapting = { isExpressible: true }
  const adapted = adaptSchema(adapting, parseExactJson(text))
  if (!adapting.isExpressible || findSchemaSubsetProblem(adapted) !== null) {
    notice(translation, 'response_format is without effect: structured outputs cannot express its schema')
    return null
  }
  notice(translation, 'the schema in response_format was adapted to structured outputs')
  return { type: 'json_schema', schema: createJsonText(JSON.stringify(adapted)) }
}

/** Twice the maximum that OpenAI documents for the names and values of a schema. */
const maxAdaptedLength = 240_000

/** Recurses as deep as a body may be nested. */
function adaptSchema(adapting: { isExpressible: boolean }, schema: unknown): unknown {
  if (!isRecord(schema) || isRawNumber(schema)) return schema
  const adapted: Record<string, unknown> = {}
  const moved: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(schema)) {
    if (isLacking(name, value)) moved[name] = value
    else if (namedSchemas.has(name) && isRecord(value)) adapted[name] = adaptMembers(adapting, value)
    else if (listedSchemas.has(name) && Array.isArray(value))
      adapted[name === 'oneOf' ? 'anyOf' : name] = value.map((one) => adaptSchema(adapting, one))
    else adapted[name] = name === 'items' ? adaptSchema(adapting, value) : value
  }
  if ([schema['type']].flat().includes('object')) {
    if (isMap(schema)) adapting.isExpressible = false
    adapted['additionalProperties'] = false
  }
  if (Object.keys(moved).length === 0) return adapted
  const before = typeof schema['description'] === 'string' ? `${schema['description']}\n\n` : ''
  return { ...adapted, description: `${before}${JSON.stringify(moved)}` }
}

function adaptMembers(adapting: { isExpressible: boolean }, schemas: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, adaptSchema(adapting, schema)]),
  )
}

/** An object whose members no property names. Structured outputs have closed objects only. */
function isMap({ additionalProperties: more, properties }: JsonObject): boolean {
  const isNamed = isRecord(properties) && Object.keys(properties).length > 0
  return isNamed ? isRecord(more) && Object.keys(more).length > 0 : more !== false
}

function isLacking(name: string, value: unknown): boolean {
  return bounds.has(name) || (name === 'minItems' && value !== 0 && value !== 1)
}

const bounds: ReadonlySet<string> = new Set([
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maximum',
  'minimum',
  'multipleOf',
  'maxItems',
  'uniqueItems',
])
const namedSchemas: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const listedSchemas: ReadonlySet<string> = new Set(['oneOf', 'anyOf', 'allOf', 'prefixItems'])
