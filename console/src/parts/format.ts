/** Formats for values of the admin API. Money stays the exact decimal string of the ledger; these only arrange it. */

const dash = '–'

/** `0.001234500` as `$0.0012345`: exact, without zeros at its end, with at least two decimals. */
export function formatUsd(usd: string | null | undefined): string {
  if (usd === null || usd === undefined) return dash
  const [, sign = '', whole = '0', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd) ?? []
  const exact = decimals.replace(/0+$/, '').padEnd(2, '0')
  return `${sign}$${groupDigits(whole)}.${exact}`
}

/** Adds decimal strings of up to nine decimals without rounding. */
export function sumUsd(values: readonly (string | null | undefined)[]): string {
  return printNanoUsd(values.reduce((sum, value) => sum + readNanoUsd(value ?? '0'), 0n))
}

export function readNanoUsd(usd: string): bigint {
  const [, sign = '', whole = '0', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd) ?? []
  const nano = BigInt(whole) * 1_000_000_000n + BigInt(decimals.slice(0, 9).padEnd(9, '0'))
  return sign === '-' ? -nano : nano
}

export function printNanoUsd(nano: bigint): string {
  const digits = (nano < 0n ? -nano : nano).toString().padStart(10, '0')
  return `${nano < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
}

export function formatCount(count: number | string | bigint | null | undefined): string {
  return count === null || count === undefined ? dash : groupDigits(String(count))
}

/** Milliseconds as `840 ms` or `12.3 s`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return dash
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** A number from 0 to 100 as `12.5 %`, with two decimals at most. */
export function formatPercent(percent: number): string {
  return `${Number(percent.toFixed(2))} %`
}

/** A part of one as `12.5 %`, always with one decimal, so that the parts of a column are below each other. */
export function formatShare(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}

const dateTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const recent = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A time in the zone of the browser, with the name of the zone. */
export function formatTime(time: string | number | null | undefined): string {
  return time === null || time === undefined ? dash : dateTime.format(new Date(time))
}

/** The date of a time in the zone of the browser. */
export function formatDay(time: string): string {
  return day.format(new Date(time))
}

/** The time of day with seconds; for another day its date, with minutes. */
export function formatRecentTime(time: string | number): string {
  const date = new Date(time)
  return date.toDateString() === new Date().toDateString() ? timeOfDay.format(date) : recent.format(date)
}

function groupDigits(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
