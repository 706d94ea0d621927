import { isRecord } from '../body/json-value.ts'

/**
 * A small language for the shapes of JSON values, and a walker that finds the first violation. Paths and
 * texts are those of the API, which were Pydantic's at first and still resemble them:
 * `messages.0.content.1.text.text: Field required`. A tagged shape adds its tag to the path. Texts that
 * changed between 2025 and 2026 (`a valid list`, `a valid array`) have the later form, as public test suites
 * measured it on the API in August 2026. The walker descends as deep as the shape, never as deep as the
 * value, and builds paths only for a problem.
 */
export interface Problem {
  readonly path: string
  readonly message: string
  /** `error.details.error_code`, if the API sends one. */
  readonly errorCode?: string
}

export type Shape =
  | TextShape
  | NumberShape
  | { readonly kind: 'boolean' }
  | LiteralShape
  | ListShape
  | RecordShape
  | TaggedShape
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'nullable'; readonly of: Shape }
  /** A union that is discriminated by more than a tag. */
  | { readonly kind: 'chosen'; readonly choose: (value: unknown) => Shape }
  /** Adds a step to the path, as the API does for some unions. */
  | { readonly kind: 'step'; readonly step: string; readonly of: Shape }
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
  /** A value that is accepted although it is out of range. */
  readonly also?: number
  /** Replaces both range texts. */
  readonly rangeText?: string
}

interface LiteralShape {
  readonly kind: 'literal'
  readonly values: readonly string[]
  /** Replaces the text that lists the values. */
  readonly otherText?: string
}

interface ListShape {
  readonly kind: 'list'
  readonly of: Shape
  readonly min: number
  readonly max: number
}

interface RecordShape {
  readonly kind: 'record'
  readonly members: Members
  readonly entries: readonly (readonly [string, Member])[]
  readonly open: boolean
}

export interface TaggedShape {
  readonly kind: 'tagged'
  readonly cases: Readonly<Record<string, Shape>>
  /** The tag to use if `type` is missing or null. */
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
export const nullable = (of: Shape): Shape => ({ kind: 'nullable', of })
export const orNull = (shape: Shape): Member => optional(nullable(shape))
export const integer = (min = -Infinity, max = Infinity): Shape => ({ kind: 'integer', min, max })
export const list = (of: Shape, max = Infinity, min = 0): Shape => ({ kind: 'list', of, min, max })
export const map = (of: Shape): Shape => ({ kind: 'map', of })
export const record = (members: Members): Shape => createRecordShape(members, false)
export const openRecord = (members: Members): Shape => createRecordShape(members, true)
export const literal = (...values: readonly string[]): Shape => ({ kind: 'literal', values })
export const tagged = (cases: Readonly<Record<string, Shape>>): TaggedShape => ({ kind: 'tagged', cases })
export const chosen = (choose: (value: unknown) => Shape): Shape => ({ kind: 'chosen', choose })

/** A string or the other shape. Only problems of the shape that fits the type are reported, as the API does. */
export const textOr = (other: Shape, string: Shape = text): Shape =>
  chosen((value) => (typeof value === 'string' ? string : other))

/** Finds the first violation, in the order of the shape's members; extra members come last. */
export function findProblem(value: unknown, shape: Shape, path = ''): Problem | null {
  return under(path, find(value, shape))
}

/** Prefixes the path of the problem with a step. */
function under(step: string, problem: Problem | null): Problem | null {
  if (problem === null || step === '') return problem
  return { ...problem, path: problem.path === '' ? step : `${step}.${problem.path}` }
}

function find(value: unknown, shape: Shape): Problem | null {
  switch (shape.kind) {
    case 'text':
      return findTextProblem(value, shape)
    case 'integer':
    case 'number':
      return findNumberProblem(value, shape)
    case 'boolean':
      return typeof value === 'boolean' ? null : here('Input should be a valid boolean')
    case 'literal':
      return findLiteralProblem(value, shape)
    case 'list':
      return findListProblem(value, shape)
    case 'record':
      return findRecordProblem(value, shape)
    case 'tagged':
      return findTaggedProblem(value, shape)
    case 'map':
      return findMapProblem(value, shape.of)
    case 'nullable':
      return value === null ? null : find(value, shape.of)
    case 'chosen':
      return find(value, shape.choose(value))
    case 'step':
      return under(shape.step, find(value, shape.of))
    case 'free_object':
      return isRecord(value) ? null : here('Input should be an object')
    case 'anything':
      break
  }
  return null
}

function findTextProblem(value: unknown, { min = 0, max = Infinity, pattern }: TextShape): Problem | null {
  if (typeof value !== 'string') return here('Input should be a valid string')
  if (value.length < min) return here(`String should have at least ${count(min, 'character')}`)
  if (value.length > max) return here(`String should have at most ${count(max, 'character')}`)
  return pattern && !pattern.test(value) ? here(`String should match pattern '${pattern.source}'`) : null
}

function findNumberProblem(value: unknown, shape: NumberShape): Problem | null {
  const { kind, min = -Infinity, max = Infinity, also, rangeText } = shape
  if (typeof value !== 'number') return here(`Input should be a valid ${kind}`)
  if (kind === 'integer' && !Number.isInteger(value))
    return here('Input should be a valid integer, got a number with a fractional part')
  if ((value >= min && value <= max) || value === also) return null
  if (rangeText) return here(rangeText)
  return value < min
    ? here(`Input should be greater than or equal to ${min}`)
    : here(`Input should be less than or equal to ${max}`)
}

function findLiteralProblem(value: unknown, { values, otherText }: LiteralShape): Problem | null {
  if (typeof value === 'string' && values.includes(value)) return null
  if (otherText && typeof value !== 'string') return here('Input should be a valid string')
  return here(otherText ?? `Input should be ${quoteChoices(values, ' or ')}`)
}

function findListProblem(value: unknown, { of, min, max }: ListShape): Problem | null {
  if (!Array.isArray(value)) return here('Input should be a valid array')
  if (value.length > max || value.length < min) {
    const bound = value.length > max ? `at most ${count(max, 'item')}` : `at least ${count(min, 'item')}`
    return here(`List should have ${bound} after validation, not ${value.length}`)
  }
  for (let index = 0; index < value.length; index += 1) {
    const found = find(value[index], of)
    if (found) return under(String(index), found)
  }
  return null
}

function findMapProblem(value: unknown, of: Shape): Problem | null {
  if (!isRecord(value)) return here('Input should be an object')
  for (const [name, member] of Object.entries(value)) {
    const found = find(member, of)
    if (found) return under(name.slice(0, LONGEST_ECHO), found)
  }
  return null
}

function findRecordProblem(value: unknown, shape: RecordShape): Problem | null {
  if (!isRecord(value)) return here('Input does not match the expected shape.')
  for (const [name, member] of shape.entries) {
    if (!Object.hasOwn(value, name)) {
      if (member.required) return { path: name, message: 'Field required' }
      continue
    }
    const found = find(value[name], member.shape)
    if (found) return under(name, found)
  }
  if (shape.open) return null
  for (const name in value) {
    if (Object.hasOwn(value, name) && !Object.hasOwn(shape.members, name))
      return { path: name.slice(0, LONGEST_ECHO), message: noExtraInputs }
  }
  return null
}

function findTaggedProblem(value: unknown, shape: TaggedShape): Problem | null {
  if (!isRecord(value)) return here('Input should be an object')
  const given = Object.hasOwn(value, 'type') ? value['type'] : undefined
  const tag = given ?? shape.fallback
  if (tag === undefined) return { path: 'type', message: 'Field required' }
  const found = typeof tag === 'string' && Object.hasOwn(shape.cases, tag) ? shape.cases[tag] : undefined
  if (found && typeof tag === 'string') return under(tag, find(value, found))
  const shown = (typeof tag === 'string' ? tag : typeof tag).slice(0, LONGEST_ECHO)
  return here(unexpectedTag(shown, Object.keys(shape.cases)))
}

function unexpectedTag(tag: string, expected: readonly string[]): string {
  const choices = quoteChoices(expected, ', ')
  return `Input tag '${tag}' found using 'type' does not match any of the expected tags: ${choices}`
}

/** For a member that is not in the schema. */
export const noExtraInputs = 'Extra inputs are not permitted'

/** The maximum length of a client's name or tag in an error message. */
const LONGEST_ECHO = 100

function createRecordShape(members: Members, open: boolean): Shape {
  return { kind: 'record', members, entries: Object.entries(members), open }
}

function here(message: string): Problem {
  return { path: '', message }
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

function quoteChoices(values: readonly string[], lastSeparator: string): string {
  const quoted = values.map((value) => `'${value}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : quoted.join(', ') + lastSeparator + last
}
