import type { Rule } from './scenario.ts'

/**
 * Whether `when.call` and `every` let a rule apply to the n-th request that meets its other conditions. `every` counts from
 * the request of `call`, if there is one: `call: 2` with `every: 3` means the requests 2, 5 and 8.
 */
export function isCounted({ when, every }: Rule, meetings: number): boolean {
  const call = when?.call
  if (every === undefined) return call === undefined || meetings === call
  return call === undefined ? meetings % every === 0 : meetings >= call && (meetings - call) % every === 0
}

/** Describes what `isCounted` wants of a rule, and the number of this request. */
export function describeCount({ when, every }: Rule, meetings: number): string {
  const call = when?.call
  if (every === undefined)
    return `call should be ${call}, but this is the request number ${meetings} that meets its conditions`
  const from = call === undefined ? '' : ` from number ${call} on`
  return `it applies to every ${every} requests that meet its conditions${from}, but this is number ${meetings}`
}
