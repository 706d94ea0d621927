import type { SourceKey } from './sources.ts'

/** A fact that is valid from a day, `YYYY-MM-DD`, until the next one of its series, with its source. */
export type EffectiveDated<T> = T & { readonly from: string; readonly source: SourceKey }

/** Returns the value of a series (oldest first) on a day; undefined before its first day. */
export function valueOn<T extends { readonly from: string }>(
  series: readonly T[],
  day: string,
): T | undefined {
  return series.findLast(({ from }) => from <= day)
}
