/** The members of a JSON object. */
export type Members = Readonly<Record<string, unknown>>

export function toMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
}

export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** A value of JSON as a text; `String` throws for an object whose members have the names of its methods. */
export function printValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Null for a text that is no JSON object, or one with more levels than can be read and shown. */
export function parseMembers(text: string): Members | null {
  if (isTooDeep(text)) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
  } catch {
    return null
  }
}

/** Whether a JSON text has so many levels that whatever goes through its value, or prints it, overflows the stack. */
export function isTooDeep(text: string): boolean {
  let levels = 0
  let isString = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '"') isString = !isString
    else if (isString) at += letter === '\\' ? 1 : 0
    else if (letter === '[' || letter === '{') levels += 1
    else if (letter === ']' || letter === '}') levels -= 1
    if (levels > maxLevels) return true
  }
  return false
}

/** More than requests have, and few enough for the indentation of each line. */
const maxLevels = 200
