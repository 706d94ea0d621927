import type { Unresolved } from './resolve.ts'

/** The reason and the next step for a name that does not resolve; an empty text if nothing resembles it. */
export function describeUnresolved({ because, suggestions, detail = '' }: Unresolved): string {
  if (because === 'ambiguous') return `It is the name of several models: ${suggestions.join(', ')}.`
  if (because === 'retired' || suggestions.length === 0) return detail
  return `${detail} Did you mean ${suggestions.join(' or ')}?`.trimStart()
}
