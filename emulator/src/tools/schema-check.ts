import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

import type { Schema } from './json-schema.ts'

/** Validates values against a JSON Schema (2020-12). */
export interface SchemaChecker {
  /** Returns null if the schema cannot be compiled: it is invalid, or refers to an external schema. */
  test(schema: Schema, value: unknown): boolean | null
  /** Describes the first violation with its place, such as `.city: must be string`; null if there is none to find. */
  explain(schema: Schema, value: unknown): string | null
}

/** Returns the first violation, null if the value is valid. */
type Validate = (value: unknown) => ErrorObject | null

/** Caches compiled schemas, because a client sends its tools with each request. */
export function createSchemaChecker(): SchemaChecker {
  const compiled = new Map<string, Validate | null>()
  const ajv = new Ajv2020({ strict: false, validateSchema: false, addUsedSchema: false, logger: false })
  // The package is CommonJS: under Node its default export is the module itself.
  const add = 'default' in addFormats ? addFormats.default : addFormats
  add(ajv)
  const compile = (schema: Schema, text: string): Validate | null => {
    const known = compiled.get(text)
    if (known !== undefined) return known
    const validate = tryCompile(ajv, schema)
    const [oldest] = compiled.keys()
    if (compiled.size >= maxCompiled && oldest !== undefined) compiled.delete(oldest)
    compiled.set(text, validate)
    return validate
  }
  const find = (schema: Schema): Validate | null => compile(schema, JSON.stringify(schema))
  return {
    test: (schema, value) => {
      const validate = find(schema)
      return validate && validate(value) === null
    },
    explain: (schema, value) => {
      const violation = find(schema)?.(value) ?? null
      return violation && describeViolation(violation)
    },
  }
}

const maxCompiled = 100

function describeViolation({ instancePath, message = 'is not valid', keyword, params }: ErrorObject): string {
  const place = instancePath.replaceAll('/', '.')
  const name = keyword === 'additionalProperties' ? ` (${String(params['additionalProperty'])})` : ''
  return `${place}: ${message}${name}`
}

const unknownViolation = { instancePath: '', keyword: '', schemaPath: '', params: {} } as const

/** Ignores `$schema`, which may name an older edition; for the keywords that tools use they are equal. */
function tryCompile(ajv: Ajv2020, { $schema: _edition, ...schema }: Schema): Validate | null {
  try {
    const validate = ajv.compile(schema)
    return (value) => (validate(value) ? null : (validate.errors?.[0] ?? unknownViolation))
  } catch {
    return null
  } finally {
    // Ajv would otherwise retain every schema.
    ajv.removeSchema(schema)
  }
}
