import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { isRecord } from '@anthology/wire'

import { suggestName } from './did-you-mean.ts'

/** A violation and the member that it concerns. */
export interface MemberProblem {
  readonly path: readonly string[]
  readonly message: string
  /** The name of a member of it that must not be there. */
  readonly unknown?: string
}

/** Finds the violation of a schema that explains the others best: an unknown member first, a choice that fits nothing last. */
export function findSchemaProblem(validate: ValidateFunction, value: unknown): MemberProblem | null {
  if (validate(value)) return null
  const [error] = (validate.errors ?? []).toSorted((one, other) => rank(one) - rank(other))
  return error === undefined ? { path: [], message: 'is not valid' } : toProblem(error)
}

function rank({ keyword, instancePath, schemaPath }: ErrorObject): number {
  if (keyword === 'additionalProperties') return 0
  // The branches of a choice say less than the choice.
  if (schemaPath.includes('/anyOf/')) return 3
  return keyword === 'anyOf' || instancePath === '' ? 2 : 1
}

function toProblem(error: ErrorObject): MemberProblem {
  const { keyword, params, message = 'is not valid', data } = error
  const path = readPath(error)
  switch (keyword) {
    case 'additionalProperties':
      return describeUnknown(error, path)
    case 'required':
      return { path, message: `needs ${String(params['missingProperty'])}` }
    case 'anyOf':
      return { path, message: 'needs reply, fault or steps' }
    case 'enum':
      return { path, message: `must be one of ${listValues(params['allowedValues'])}` }
    case 'const':
      return { path, message: `must be ${JSON.stringify(params['allowedValue'])}` }
    case 'not':
      return { path, message: 'must be true; leave it out in place of false' }
    case 'type':
      return { path, message: `must be ${listTypes(params['type'])}, not ${getKind(data)}` }
    case 'minProperties':
      return { path, message: 'is empty; it needs a member' }
    case 'maxProperties':
      return { path, message: `has ${countMembers(data)} members; it can have one` }
    default:
      return { path, message }
  }
}

function describeUnknown({ params, parentSchema }: ErrorObject, path: readonly string[]): MemberProblem {
  const name = String(params['additionalProperty'])
  const properties: unknown = parentSchema?.['properties']
  const meant = suggestName(name, isRecord(properties) ? Object.keys(properties) : [])
  const hint = meant === null ? '' : `. Did you mean ${meant}?`
  return { path, message: `unknown member '${name}'${hint}`, unknown: name }
}

function readPath({ instancePath }: ErrorObject): readonly string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function listValues(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values)
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a mapping',
  array: 'a list',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
}

function listTypes(types: unknown): string {
  return [types]
    .flat()
    .map((type) => typeNames[String(type)] ?? String(type))
    .join(' or ')
}

function getKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'a text' : JSON.stringify(value)
}

function countMembers(value: unknown): number {
  return isRecord(value) ? Object.keys(value).length : 0
}
