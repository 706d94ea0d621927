import type { Limit, LimitBeta } from '../model.ts'

/** The limit and the beta on a day, including values that were later changed or not yet introduced. */
export function limitOn(
  limit: Limit,
  day: string,
): { readonly tokens: number; readonly beta: LimitBeta | null } {
  const { tokens, beta } = limit.earlier?.find(({ until }) => day < until) ?? limit
  return { tokens, beta }
}
