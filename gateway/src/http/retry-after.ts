/**
 * The time of a `retry-after` header in milliseconds: seconds, as some services with decimals, or an HTTP date (RFC 9110,
 * 10.2.3). Zero for a date that has passed; null if it is absent or neither.
 */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null
  if (decimal.test(value)) return Number(value) * 1_000
  // `Date.parse` alone accepts nearly every text with a number, such as a negative one.
  const dateMs = httpDate.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(dateMs) ? null : Math.max(dateMs - nowMs, 0)
}

const decimal = /^\d+(?:\.\d+)?$/

/** The name of a day, and Greenwich time. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .+ GMT$/
