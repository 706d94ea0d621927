/**
 * Reads a time as RFC 3339 with a zone, such as `2027-01-31T12:00:00Z`, or a day, which is its beginning in UTC. Returns
 * milliseconds since 1970, or null for other text and for a day that does not exist.
 */
export function parseTime(text: string): number | null {
  const day = /^(?<day>\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/.exec(
    text,
  )?.groups?.['day']
  if (day === undefined) return null
  const dayMs = Date.parse(`${day}T00:00:00Z`)
  const atMs = Date.parse(text)
  // The 30th of February is read as a day in March.
  const exists = !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(day)
  return exists && !Number.isNaN(atMs) ? atMs : null
}
