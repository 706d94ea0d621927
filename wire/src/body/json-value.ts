export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

export type JsonObject = Readonly<Record<string, unknown>>

/** Returns undefined, which is no JSON value, if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object that is not an array, so its members can be read by name. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a member that is an object; null if there is none. */
export function readRecord(value: unknown, name: string): JsonObject | null {
  const member = isRecord(value) ? value[name] : undefined
  return isRecord(member) ? member : null
}

/** Reads a member that is a string; null if there is none. */
export function readText(value: unknown, name: string): string | null {
  const member = isRecord(value) ? value[name] : undefined
  return typeof member === 'string' ? member : null
}
