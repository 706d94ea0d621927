import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv'

import { ApiError } from '../../errors.ts'
import type { Schema } from './schema.ts'

const options = {
  allErrors: false,
  verbose: true,
  strict: false,
  useDefaults: true,
  validateFormats: false,
} as const
const bodies = new Ajv2020(options)
/** Query parameters arrive as text. */
const queries = new Ajv2020({ ...options, coerceTypes: 'array' })

const compiled = new WeakMap<Schema, ValidateFunction>()

/**
 * Returns the body if it satisfies the schema, with defaults filled in. Throws an ApiError whose text and `member` name
 * the first problem.
 */
export function validateBody(schema: Schema, bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    throw new ApiError('bad_request', 'the body is not valid JSON')
  }
  return check(bodies, schema, value)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Returns the parameters of a query, converted to the types of the schema. A repeated parameter is a list. */
export function validateQuery(schema: Schema | undefined, text: string): unknown {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values[name]
    if (known === undefined) values[name] = value
    else if (Array.isArray(known)) known.push(value)
    else values[name] = [known, value]
  }
  return check(queries, schema ?? noParameters, { ...values })
}

const noParameters: Schema = { type: 'object', additionalProperties: false, properties: {} }

function check(ajv: Ajv2020, schema: Schema, value: unknown): unknown {
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  if (validate(value)) return value
  const { member, problem } = describe(validate.errors ?? [])
  const message = member === '' ? problem : `${member}: ${problem}`
  throw new ApiError('bad_request', message, undefined, {
    details: { member: member === '' ? null : member },
  })
}

/** Prefers the innermost error, and at one place the error of a choice over those of its branches, which come first. */
function describe(found: readonly ErrorObject[]): { readonly member: string; readonly problem: string } {
  const getDepth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length
  const maxDepth = Math.max(...found.map(getDepth))
  const error = found.findLast((each) => getDepth(each) === maxDepth)
  if (error === undefined) return { member: '', problem: 'the value is not valid' }
  const path = error.instancePath.split('/').slice(1).map(unescape)
  const { params, keyword, message = 'is not valid' } = error
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']).slice(0, maxEchoLength)
      return { member: [...path, name].join('.'), problem: describeUnknown(error) }
    }
    case 'required':
      return { member: [...path, String(params['missingProperty'])].join('.'), problem: 'is required' }
    case 'enum':
      return {
        member: path.join('.'),
        problem: `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`,
      }
    case 'anyOf':
      return { member: path.join('.'), problem: describeChoice(error) }
    default:
      return { member: path.join('.').slice(0, 3 * maxEchoLength), problem: message }
  }
}

/** The members that exist in its place help more than the name that does not. */
function describeUnknown({ parentSchema }: ErrorObject): string {
  const known = Object.keys((parentSchema?.['properties'] ?? {}) as object) // `properties` of a schema is an object.
  return known.length === 0 ? 'unknown, there are none' : `unknown; use ${known.join(', ')}`
}

/** Names the types that a choice allows, such as `must be string or null`. */
function describeChoice({ schema }: ErrorObject): string {
  const branches: readonly Schema[] = Array.isArray(schema) ? schema : []
  const names = branches.map((branch) => branch['type'] ?? branch['const'])
  return names.every((name) => typeof name === 'string')
    ? `must be a valid ${names.join(' or ')}`
    : 'is not valid'
}

/** Names of a JSON pointer (RFC 6901). */
function unescape(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}

const maxEchoLength = 100
