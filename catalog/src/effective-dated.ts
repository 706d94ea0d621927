import type { SourceKey } from './sources.ts'

/** A fact that is valid from a day, `YYYY-MM-DD`, until the next one of its series; and where it stands. */
export type EffectiveDated<T> = T & { readonly from: string; readonly source: SourceKey }

/** What a series, oldest first, says of a day; undefined before it begins. */
export function valueOn<T extends { readonly from: string }>(
  series: readonly T[],
  day: string,
): T | undefined {
  return series.findLast(({ from }) => from <= day)
}
