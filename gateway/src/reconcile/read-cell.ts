/** The day of an ISO 8601 time or day; null for any other text. */
export function readDay(value: unknown): string | null {
  const day = /^\d{4}-\d\d-\d\d(?![0-9])/.exec(readCell(value))?.[0]
  return day === undefined || Number.isNaN(Date.parse(day)) ? null : day
}

/** The text of a cell or a JSON value; empty for a missing one and for objects. */
export function readCell(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
