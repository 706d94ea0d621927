import { toPostgresText } from './placeholders.ts'

/** A list as PostgreSQL's array literal. One column of many rows is then one value of a statement. */
export function encodeArray(values: Iterable<string | number | bigint | null | undefined>): string {
  const items: string[] = []
  for (const value of values) {
    if (value === null || value === undefined) items.push('NULL')
    else if (typeof value === 'string') items.push(quote(toPostgresText(value)))
    else items.push(String(value))
  }
  return `{${items.join(',')}}`
}

function quote(text: string): string {
  return /["\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`
}
