import { isRecord } from '../body/json-value.ts'

/** The `usage` object of a message, including members of later API versions. */
export type UsageFields = Readonly<Record<string, unknown>>

/**
 * Merges the usage of a `message_delta` into the usage so far. The counts of a delta are cumulative, but a
 * delta may omit members or send them as null, so each member keeps its last non-null value. Nested objects
 * (`cache_creation`, `server_tool_use`, `output_tokens_details`) are merged in the same way. Source:
 * "Streaming Messages" of the API reference.
 */
export function mergeUsage(before: object | null, after: object | null): UsageFields {
  return mergeFields(before ?? {}, after ?? {}, 0)
}

/**
 * Merges the `delta` of a `message_delta` into those before, in the same way: an event after the one with the stop reason
 * may omit it or send it as null, which takes nothing back.
 */
export function mergeDelta<Delta extends object>(before: Delta, after: object | null | undefined): Delta {
  // The members keep their types, because only values of an event replace others.
  return mergeFields(before, after ?? {}, 0) as Delta
}

/** Usage objects are two levels deep; a hostile one must not exhaust the stack. */
const maxDepth = 8

function mergeFields(before: object, after: object, depth: number): Readonly<Record<string, unknown>> {
  // A map, because assigning to `__proto__` would not create a member.
  const merged = new Map<string, unknown>(Object.entries(before))
  for (const [name, value] of Object.entries<unknown>({ ...after })) {
    const known = merged.get(name)
    if ((value === null || value === undefined) && known !== undefined) continue
    const nested = depth < maxDepth && isRecord(known) && isRecord(value)
    merged.set(name, nested ? mergeFields(known, value, depth + 1) : value)
  }
  return Object.fromEntries(merged)
}
