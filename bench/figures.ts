/** One quantity over several rounds. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function summarize(values: readonly number[]): Figure | null {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b)
  const [least] = sorted
  const most = sorted.at(-1)
  if (least === undefined || most === undefined) return null
  return { median: percentile(sorted, 0.5), least, most }
}

/** A percentile of ascending values; the median of an even number is the mean of the middle two. */
export function percentile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  if (share !== 0.5) return sorted[Math.ceil(at)] ?? Number.NaN
  return ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2
}

/** Three significant digits, without meaningless decimals. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 1_000) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

export function formatFigure(figure: Figure | null): string {
  if (figure === null) return '-'
  const median = formatNumber(figure.median)
  const [least, most] = [formatNumber(figure.least), formatNumber(figure.most)]
  return least === most ? median : `${median} (${least} to ${most})`
}
