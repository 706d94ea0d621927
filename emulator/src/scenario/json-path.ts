import { isRecord } from '@anthology/wire'
import { FunctionExpressionType, JSONPathEnvironment } from 'json-p3'
import type { FilterFunction, JSONPathQuery, JSONValue } from 'json-p3'

import { findRegexProblem, testText } from './text-condition.ts'

/**
 * Lists the values that a JSONPath (RFC 9535) finds in a body; none if the body is undefined. A body that is too deep for
 * the path has none either.
 */
export function findValues(path: string, body: unknown): readonly unknown[] {
  if (body === undefined) return []
  try {
    // The body is a value of JSON.
    return compile(path)
      .query(body as JSONValue)
      .values()
  } catch {
    return []
  }
}

/** The pattern of `match` and `search` may come from a body, so it is tested in linear time as well. */
const environment = new JSONPathEnvironment()
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
      return findRegexProblem(pattern) === null && testText({ regex: toRegex(pattern) }, text).isMet
    },
  }
}

const compiled = new Map<string, JSONPathQuery>()

function compile(path: string): JSONPathQuery {
  const known = compiled.get(path)
  if (known !== undefined) return known
  const made = environment.compile(path)
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
  try {
    compile(path)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
