/**
 * A small language for the shapes of JSON values, and the walker that finds the first
 * thing wrong with one. Paths and texts follow Pydantic, which the service's own texts
 * show: `messages.0.content.1.text.text: Field required`. A tagged shape adds its tag to
 * the path. The walker goes as deep as the shape is written, never as deep as the value.
 */
export interface Problem {
  readonly path: string
  readonly message: string
}

export type Shape =
  | TextShape
  | NumberShape
  | { readonly kind: 'boolean' }
  | { readonly kind: 'literal'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape; readonly max?: number }
  | { readonly kind: 'record'; readonly members: Members; readonly open?: boolean }
  | TaggedShape
  | { readonly kind: 'text_or_list'; readonly text: Shape; readonly list: Shape }
  | { readonly kind: 'text_or_record'; readonly text: Shape; readonly record: Shape }
  | { readonly kind: 'nullable'; readonly of: Shape }
  | { readonly kind: 'free_object' }
  | { readonly kind: 'anything' }

export interface TextShape {
  readonly kind: 'text'
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
}

export interface NumberShape {
  readonly kind: 'integer' | 'number'
  readonly min?: number
  readonly max?: number
  /** Takes the place of both range texts. */
  readonly rangeText?: string
}

export interface TaggedShape {
  readonly kind: 'tagged'
  readonly cases: Readonly<Record<string, Shape>>
  /** The tag that is meant where `type` is missing or null. */
  readonly fallback?: string
}

export interface Member {
  readonly shape: Shape
  readonly required: boolean
}
export type Members = Readonly<Record<string, Member>>

export const text: TextShape = { kind: 'text' }
export const boolean: Shape = { kind: 'boolean' }
export const anything: Shape = { kind: 'anything' }
export const freeObject: Shape = { kind: 'free_object' }

export const required = (shape: Shape): Member => ({ shape, required: true })
export const optional = (shape: Shape): Member => ({ shape, required: false })
export const orNull = (shape: Shape): Member => optional({ kind: 'nullable', of: shape })
export const list = (of: Shape, max = Infinity): Shape => ({ kind: 'list', of, max })
export const record = (members: Members): Shape => ({ kind: 'record', members })
export const openRecord = (members: Members): Shape => ({ kind: 'record', members, open: true })
export const literal = (...values: readonly string[]): Shape => ({ kind: 'literal', values })
export const tagged = (cases: Readonly<Record<string, Shape>>): TaggedShape => ({ kind: 'tagged', cases })

/** The first problem of a value against a shape, in the order of the shape's members; extras come last. */
export function findProblem(value: unknown, shape: Shape, path = ''): Problem | null {
  switch (shape.kind) {
    case 'text':
      return findTextProblem(value, shape, path)
    case 'integer':
    case 'number':
      return findNumberProblem(value, shape, path)
    case 'boolean':
      return typeof value === 'boolean' ? null : { path, message: 'Input should be a valid boolean' }
    case 'literal':
      return typeof value === 'string' && shape.values.includes(value)
        ? null
        : { path, message: `Input should be ${quoteChoices(shape.values, ' or ')}` }
    case 'list':
      return findListProblem(value, shape, path)
    case 'record':
      return findRecordProblem(value, shape, path)
    case 'tagged':
      return findTaggedProblem(value, shape, path)
    case 'text_or_list':
      return findProblem(value, typeof value === 'string' ? shape.text : shape.list, path)
    case 'text_or_record':
      return findProblem(value, typeof value === 'string' ? shape.text : shape.record, path)
    case 'nullable':
      return value === null ? null : findProblem(value, shape.of, path)
    case 'free_object':
      return isRecord(value) ? null : { path, message: 'Input should be a valid dictionary' }
    case 'anything':
      break
  }
  return null
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function findTextProblem(value: unknown, { min = 0, max = Infinity, pattern }: TextShape, path: string) {
  if (typeof value !== 'string') return { path, message: 'Input should be a valid string' }
  if (value.length < min) return { path, message: `String should have at least ${count(min, 'character')}` }
  if (value.length > max) return { path, message: `String should have at most ${count(max, 'character')}` }
  if (pattern && !pattern.test(value))
    return { path, message: `String should match pattern '${pattern.source}'` }
  return null
}

function findNumberProblem(value: unknown, shape: NumberShape, path: string): Problem | null {
  const { kind, min = -Infinity, max = Infinity, rangeText } = shape
  if (typeof value !== 'number') return { path, message: `Input should be a valid ${kind}` }
  if (kind === 'integer' && !Number.isInteger(value))
    return { path, message: 'Input should be a valid integer, got a number with a fractional part' }
  if (value >= min && value <= max) return null
  if (rangeText) return { path, message: rangeText }
  return value < min
    ? { path, message: `Input should be greater than or equal to ${min}` }
    : { path, message: `Input should be less than or equal to ${max}` }
}

function findListProblem(value: unknown, shape: Extract<Shape, { kind: 'list' }>, path: string) {
  if (!Array.isArray(value)) return { path, message: 'Input should be a valid list' }
  const { of, max = Infinity } = shape
  if (value.length > max) {
    const message = `List should have at most ${count(max, 'item')} after validation, not ${value.length}`
    return { path, message }
  }
  for (const [index, item] of value.entries()) {
    const problem = findProblem(item, of, join(path, String(index)))
    if (problem) return problem
  }
  return null
}

function findRecordProblem(value: unknown, shape: Extract<Shape, { kind: 'record' }>, path: string) {
  if (!isRecord(value)) return { path, message: 'Input should be a valid dictionary' }
  for (const [name, member] of Object.entries(shape.members)) {
    if (!Object.hasOwn(value, name)) {
      if (member.required) return { path: join(path, name), message: 'Field required' }
      continue
    }
    const problem = findProblem(value[name], member.shape, join(path, name))
    if (problem) return problem
  }
  if (shape.open) return null
  const extra = Object.keys(value).find((name) => !Object.hasOwn(shape.members, name))
  if (extra === undefined) return null
  return { path: join(path, extra.slice(0, LONGEST_ECHO)), message: 'Extra inputs are not permitted' }
}

function findTaggedProblem(value: unknown, shape: TaggedShape, path: string): Problem | null {
  if (!isRecord(value))
    return { path, message: 'Input should be a valid dictionary or object to extract fields from' }
  const given = Object.hasOwn(value, 'type') ? value['type'] : undefined
  const tag = given ?? shape.fallback
  if (tag === undefined) return { path: join(path, 'type'), message: 'Field required' }
  const found = typeof tag === 'string' && Object.hasOwn(shape.cases, tag) ? shape.cases[tag] : undefined
  if (found && typeof tag === 'string') return findProblem(value, found, join(path, tag))
  const shown = (typeof tag === 'string' ? tag : typeof tag).slice(0, LONGEST_ECHO)
  const expected = quoteChoices(Object.keys(shape.cases), ', ')
  const message = `Input tag '${shown}' found using 'type' does not match any of the expected tags: ${expected}`
  return { path, message }
}

/** Names and tags that a client made up are echoed no longer than this. */
const LONGEST_ECHO = 100

function join(path: string, step: string): string {
  return path === '' ? step : `${path}.${step}`
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

function quoteChoices(values: readonly string[], lastSeparator: string): string {
  const quoted = values.map((value) => `'${value}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : quoted.join(', ') + lastSeparator + last
}
