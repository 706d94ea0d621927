export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

export type JsonObject = Readonly<Record<string, unknown>>

/** Gives undefined, which no JSON stands for, where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object that is no array: its members can be read by name. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that is an object; null where there is none. */
export function readRecord(value: unknown, name: string): JsonObject | null {
  const member = isRecord(value) ? value[name] : undefined
  return isRecord(member) ? member : null
}

/** A member that is text; null where there is none. */
export function readText(value: unknown, name: string): string | null {
  const member = isRecord(value) ? value[name] : undefined
  return typeof member === 'string' ? member : null
}
