import { isRecord } from '@anthology/wire'
import { FunctionExpressionType, JSONPathEnvironment } from 'json-p3'
import type { FilterFunction, JSONPathQuery, JSONValue } from 'json-p3'

import { countVisits } from './count-visits.ts'
import { findRegexProblem, maxPatternChars, testText } from './text-condition.ts'
import { spendWork, startWork, WorkError } from './work.ts'
import type { Work } from './work.ts'

/**
 * Lists the values that a JSONPath (RFC 9535) finds in a body; none if the body is undefined. Throws a WorkError if it takes
 * too many steps, or if the body is deeper than any that an endpoint accepts.
 */
export function findValues(path: string, body: unknown, work: Work = startWork()): readonly unknown[] {
  if (body === undefined) return []
  current = { path, work }
  try {
    // The body is a value of JSON.
    return Array.from(compile(path).lazyQuery(body as JSONValue), ({ value }) => value)
  } catch (error) {
    throw error instanceof WorkError ? error : new WorkError(`the JSONPath ${path}`)
  } finally {
    current = null
  }
}

/** The path that is being evaluated, and what it may still take. An evaluation has no pause. */
let current: { readonly path: string; readonly work: Work } | null = null

function spendVisit(depth: number): void {
  if (current !== null)
    spendWork(current.work, stepsPerVisit + stepsPerLevel * depth, `the JSONPath ${current.path}`)
}

/** A visited value takes as long as this many steps, and each level around it as long as these. */
const stepsPerVisit = 40
const stepsPerLevel = 5

/** The pattern of `match` and `search` may come from a body, so it is tested in linear time as well. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 1_000 })
environment.functionRegister.set(
  'match',
  createTest((pattern) => `^(?:${pattern})$`),
)
environment.functionRegister.set(
  'search',
  createTest((pattern) => pattern),
)

function createTest(toRegex: (pattern: string) => string): FilterFunction {
  const { ValueType, LogicalType } = FunctionExpressionType
  return {
    argTypes: [ValueType, ValueType],
    returnType: LogicalType,
    call: (text: unknown, pattern: unknown): boolean => {
      if (typeof text !== 'string' || typeof pattern !== 'string') return false
      // RFC 9535: a pattern that is not valid matches nothing.
      return (
        findRegexProblem(pattern) === null && testText({ regex: toRegex(pattern) }, text, current?.work).isMet
      )
    },
  }
}

const compiled = new Map<string, JSONPathQuery>()

function compile(path: string): JSONPathQuery {
  const known = compiled.get(path)
  if (known !== undefined) return known
  const made = environment.compile(path)
  countVisits(made, spendVisit)
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(path, made)
  return made
}

const maxCompiled = 1_000

/** A string as it is, any other value as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Whether two values of JSON are the same; the order of members has no influence. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]))
  if (!isRecord(one) || !isRecord(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  )
}

/** Returns why a JSONPath is not valid; null if it is. */
export function findPathProblem(path: string): string | null {
  if (path.length > maxPatternChars) return `it is longer than ${maxPatternChars} characters`
  try {
    compile(path)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
