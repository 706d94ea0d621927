import { isRecord } from '@anthology/wire'
import { compile, query } from 'json-p3'
import type { JSONValue } from 'json-p3'

/**
 * Lists the values that a JSONPath (RFC 9535) finds in a body; none if the body is undefined. A body that is too deep for
 * the path has none either.
 */
export function findValues(path: string, body: unknown): readonly unknown[] {
  if (body === undefined) return []
  try {
    // The body is a value of JSON.
    return query(path, body as JSONValue).values()
  } catch {
    return []
  }
}

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
