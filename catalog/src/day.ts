import { CatalogError } from './error.ts'

/**
 * The effective day, `YYYY-MM-DD`: the given one, else today in UTC. The only place where the catalog reads
 * a clock.
 */
export function getDay(asOf: string | undefined): string {
  if (asOf === undefined) return today()
  if (asOf === latestDay) return asOf
  if (!isDay(asOf))
    throw new CatalogError('invalid_day', `not a day of the form YYYY-MM-DD: ${asOf.slice(0, 40)}`)
  latestDay = asOf
  return asOf
}

/** Cached: pricing validates the same day for every call. */
let latestDay = ''
let todayNumber = Number.NaN
let todayText = ''

function today(): string {
  const number = Math.floor(Date.now() / msPerDay)
  if (number !== todayNumber) {
    todayNumber = number
    todayText = new Date(number * msPerDay).toISOString().slice(0, 10)
  }
  return todayText
}

const msPerDay = 86_400_000

/** True for a day of the form `YYYY-MM-DD` that exists, unlike 2025-02-30. */
// It runs on every call, so only days 29 to 31 construct a date.
export function isDay(text: string): boolean {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(text)) return false
  return text.slice(8) <= '28' || new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
}
