import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { isBase64 } from '../aws/base64.ts'
import { isRawNumber, toNumber } from './exact-json.ts'
import { constraint, dotted, inferredTexts, observedTexts, validation } from './problem.ts'
import type { BodyPath, ConverseProblem } from './problem.ts'

/**
 * A small language for the shapes of the service's model, and a reader that validates a JSON value against
 * one. Bedrock drops members that a structure does not define; here a notice names each. A null member counts
 * as absent. A union has exactly one member.
 */
export type SmithyShape =
  | StructureShape
  | UnionShape
  | ListShape
  | StringShape
  | NumberShape
  | { readonly kind: 'map'; readonly of: SmithyShape; readonly max: number }
  /** Bytes, as base64. */
  | { readonly kind: 'blob' }
  | { readonly kind: 'boolean' }
  /** Free JSON, whose root must be an object. */
  | { readonly kind: 'json_object' }

interface StructureShape {
  readonly kind: 'structure'
  readonly required: Readonly<Record<string, SmithyShape>>
  readonly optional: Readonly<Record<string, SmithyShape>>
}

interface UnionShape {
  readonly kind: 'union'
  readonly name: string
  readonly members: Readonly<Record<string, SmithyShape>>
}

interface ListShape {
  readonly kind: 'list'
  readonly of: SmithyShape
  readonly min: number
  readonly max: number
}

interface StringShape {
  readonly kind: 'string'
  readonly min?: number
  readonly max?: number
  /** With both anchors, which the service's error text omits. */
  readonly pattern?: RegExp
  readonly values?: readonly string[]
}

interface NumberShape {
  readonly kind: 'integer' | 'float'
  readonly min: number
  readonly max: number
}

type Members = Readonly<Record<string, SmithyShape>>

export const string: StringShape = { kind: 'string' }
export const nonEmpty: StringShape = { kind: 'string', min: 1 }
export const blob: SmithyShape = { kind: 'blob' }
export const boolean: SmithyShape = { kind: 'boolean' }
export const jsonObject: SmithyShape = { kind: 'json_object' }
export const integer = (min = -Infinity, max = Infinity): SmithyShape => ({ kind: 'integer', min, max })
export const float = (min: number, max: number): SmithyShape => ({ kind: 'float', min, max })
export const oneOf = (...values: readonly string[]): SmithyShape => ({ kind: 'string', values })
export const list = (of: SmithyShape, min = 0, max = Infinity): SmithyShape => ({
  kind: 'list',
  of,
  min,
  max,
})
export const map = (of: SmithyShape, max: number): SmithyShape => ({ kind: 'map', of, max })
export const union = (name: string, members: Members): SmithyShape => ({ kind: 'union', name, members })
export const structure = (required: Members, optional: Members = {}): SmithyShape => ({
  kind: 'structure',
  required,
  optional,
})

export type Reading =
  | { readonly ok: true; readonly value: unknown; readonly notices: readonly string[] }
  | { readonly ok: false; readonly problem: ConverseProblem }

/** Returns the value reduced to the members of the shape, or the first violation. */
export function readSmithyShape(value: unknown, shape: SmithyShape): Reading {
  const reader: Reader = { problem: null, notices: [] }
  const read = readValue(reader, value, shape, [])
  return reader.problem
    ? { ok: false, problem: reader.problem }
    : { ok: true, value: read, notices: reader.notices }
}

interface Reader {
  problem: ConverseProblem | null
  readonly notices: string[]
}

/** The maximum number of unknown members that are named one by one. */
const maxNotices = 20
/** The maximum length of a client's name in an error message. */
const maxEchoLength = 100

function readValue(reader: Reader, value: unknown, shape: SmithyShape, path: BodyPath): unknown {
  if (reader.problem) return undefined
  switch (shape.kind) {
    case 'structure':
      return readStructure(reader, value, shape, path)
    case 'union':
      return readUnion(reader, value, shape, path)
    case 'list':
      return readList(reader, value, shape, path)
    case 'map':
      return readMap(reader, value, shape, path)
    case 'string':
      return typeof value === 'string'
        ? readString(reader, value, shape, path)
        : misfit(reader, value, 'String')
    case 'integer':
    case 'float':
      return readNumber(reader, value, shape, path)
    case 'boolean':
      return typeof value === 'boolean' ? value : misfit(reader, value, 'Boolean')
    case 'blob':
      return typeof value === 'string' && isBase64(value) ? value : misfit(reader, value, 'Blob')
    case 'json_object':
      return isRecord(value) && !isRawNumber(value)
        ? value
        : fail(reader, validation(observedTexts.notAnObject(path)))
  }
}

function readStructure(reader: Reader, value: unknown, shape: StructureShape, path: BodyPath): unknown {
  if (!isRecord(value)) return misfit(reader, value, 'Structure')
  const read: [string, unknown][] = []
  for (const [name, member] of Object.entries({ ...shape.required, ...shape.optional })) {
    const given = getMember(value, name)
    if (given !== undefined) read.push([name, readValue(reader, given, member, [...path, name])])
    else if (Object.hasOwn(shape.required, name))
      fail(reader, constraint([...path, name], 'Member must not be null'))
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(shape.required, name) || Object.hasOwn(shape.optional, name)) continue
    if (reader.notices.length >= maxNotices) break
    const place = dotted([...path, name.slice(0, maxEchoLength)])
    reader.notices.push(`${place} is not a member of Converse and was ignored`)
  }
  return Object.fromEntries(read)
}

function readUnion(reader: Reader, value: unknown, shape: UnionShape, path: BodyPath): unknown {
  if (!isRecord(value)) return misfit(reader, value, 'Structure')
  const names = Object.keys(shape.members)
  const given = names.filter((name) => getMember(value, name) !== undefined)
  const [name] = given
  const member = name === undefined ? undefined : shape.members[name]
  if (name === undefined || member === undefined)
    return fail(reader, validation(observedTexts.noSuchMember(path, shape.name, names)))
  if (given.length > 1) return fail(reader, validation(inferredTexts.severalMembers(path, shape.name, names)))
  return { [name]: readValue(reader, getMember(value, name), member, [...path, name]) }
}

function readList(reader: Reader, value: unknown, shape: ListShape, path: BodyPath): unknown {
  if (!Array.isArray(value)) return misfit(reader, value, 'List')
  const items: readonly unknown[] = value
  if (items.length < shape.min) return fail(reader, constraint(path, lengthRule('greater', shape.min)))
  if (items.length > shape.max) return fail(reader, constraint(path, lengthRule('less', shape.max)))
  const read: unknown[] = []
  for (let index = 0; index < items.length && !reader.problem; index += 1) {
    const place = [...path, index]
    const item = items[index]
    read.push(
      item === null
        ? fail(reader, constraint(place, 'Member must not be null'))
        : readValue(reader, item, shape.of, place),
    )
  }
  return read
}

function readMap(
  reader: Reader,
  value: unknown,
  shape: { readonly of: SmithyShape; readonly max: number },
  path: BodyPath,
): unknown {
  if (!isRecord(value)) return misfit(reader, value, 'Map')
  const entries = Object.entries(value)
  if (entries.length > shape.max) return fail(reader, constraint(path, lengthRule('less', shape.max)))
  return Object.fromEntries(
    entries.map(([name, member]) => [
      name,
      readValue(reader, member, shape.of, [...path, name.slice(0, maxEchoLength)]),
    ]),
  )
}

function readString(reader: Reader, value: string, shape: StringShape, path: BodyPath): unknown {
  const { min = 0, max = Infinity, pattern, values } = shape
  if (values && !values.includes(value))
    return fail(reader, constraint(path, `Member must satisfy enum value set: [${values.join(', ')}]`, value))
  if (value.length < min) return fail(reader, constraint(path, lengthRule('greater', min), value))
  if (value.length > max) return fail(reader, constraint(path, lengthRule('less', max), value))
  if (pattern && !pattern.test(value)) {
    const shown = pattern.source.slice(1, -1)
    return fail(reader, constraint(path, `Member must satisfy regular expression pattern: ${shown}`, value))
  }
  return value
}

function readNumber(reader: Reader, value: unknown, shape: NumberShape, path: BodyPath): unknown {
  const isInteger = shape.kind === 'integer'
  const number = toNumber(value)
  if (number === null || !Number.isFinite(number) || (isInteger && !Number.isInteger(number)))
    return misfit(reader, value, isInteger ? 'Integer' : 'Float')
  if (number < shape.min) return fail(reader, constraint(path, valueRule('greater', shape.min)))
  if (number > shape.max) return fail(reader, constraint(path, valueRule('less', shape.max)))
  return number
}

function getMember(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined
}

function lengthRule(side: 'greater' | 'less', bound: number): string {
  return `Member must have length ${side} than or equal to ${bound}`
}

function valueRule(side: 'greater' | 'less', bound: number): string {
  return `Member must have value ${side} than or equal to ${bound}`
}

/** JSON of the wrong type; the texts are those of AWS's other JSON services. */
function misfit(reader: Reader, value: unknown, wanted: string): undefined {
  return fail(reader, { type: 'SerializationException', message: misfitText(value, wanted) })
}

function misfitText(value: unknown, wanted: string): string {
  // Only a body that is not JSON is undefined.
  if (value === undefined) return inferredTexts.noJson()
  if (Array.isArray(value)) return 'Start of list found where not expected'
  if (isRecord(value) && !isRawNumber(value)) return 'Start of structure or map found where not expected.'
  const kind = toNumber(value) === null ? typeof value : 'number'
  const token = typeof value === 'boolean' ? String(value) : kind
  return `${token.toUpperCase()}_VALUE can not be converted to ${/^[AI]/.test(wanted) ? 'an' : 'a'} ${wanted}`
}

function fail(reader: Reader, problem: ConverseProblem): undefined {
  reader.problem ??= problem
}
