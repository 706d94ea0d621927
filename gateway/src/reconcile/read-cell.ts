/** The text of a cell or a JSON value; empty for a missing one and for objects. */
export function readCell(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
