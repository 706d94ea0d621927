import type { Limit } from '@anthology/catalog'

/** `200K` and `1M`, as in the comparison table; `8,192` if there is no short form. */
export function formatWindow(tokens: number): string {
  if (tokens % 1000 !== 0) return formatCount(tokens)
  return tokens % 1_000_000 === 0 ? `${tokens / 1_000_000}M` : `${tokens / 1000}K`
}

/** `32,000`. Without `toLocaleString`, whose first call loads the data of all languages. */
export function formatCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `1 token`, `2,000 tokens`. */
export function formatNumber(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${BigInt(count) === 1n ? '' : 's'}`
}

/** `2025-03` as `Mar 2025`. */
export function formatMonth(month: string | null): string {
  if (month === null) return unknownCell
  const [year = '', number = ''] = month.split('-')
  return `${monthNames[Number(number) - 1] ?? number} ${year}`
}

/** `200K / 1M (beta)`. */
export function formatContextWindow({ tokens, beta }: Limit): string {
  return beta === null
    ? formatWindow(tokens)
    : `${formatWindow(tokens)} / ${formatWindow(beta.tokens)} (beta)`
}

/** `64,000 tokens / 128,000 (beta)`. */
export function formatMaxOutput({ tokens, beta }: Limit): string {
  const standard = `${formatCount(tokens)} tokens`
  return beta === null ? standard : `${standard} / ${formatCount(beta.tokens)} (beta)`
}

/** Yes, no, or a dash for unknown. */
export function formatYesNo(value: boolean | null): string {
  return value === null ? unknownCell : value ? 'Yes' : 'No'
}

/** The text of an unknown value. */
export const unknownCell = '-'

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
