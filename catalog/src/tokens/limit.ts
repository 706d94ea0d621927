import type { Limit, LimitBeta } from '../model.ts'

/** The limit and the beta that held on a day: what a launch had and lost, or had not yet. */
export function limitOn(
  limit: Limit,
  day: string,
): { readonly tokens: number; readonly beta: LimitBeta | null } {
  const { tokens, beta } = limit.earlier?.find(({ until }) => day < until) ?? limit
  return { tokens, beta }
}
