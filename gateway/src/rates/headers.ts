import type { Allowance, Allowances } from '../leases/allowance.ts'

/**
 * A key's remaining limits, in the API's headers (api/rate-limits): remaining
 * tokens are rounded to the nearest thousand, `reset` is the time at which the
 * limit is fully available again. `anthropic-ratelimit-tokens` is the sum of input
 * and output, if both are limited. `wallMs` is the time of day.
 */
export function rateHeaders(
  [requests, input, output]: Allowances,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): Record<string, string> {
  const headers: Record<string, string> = {}
  // Usually all resets fall into the same second, and formatting a time is the most expensive step.
  let printed = { second: -1, text: '' }
  const show = (names: HeaderNames, { limit, remaining, resetInMs }: LimitState) => {
    const shown = names.rounds ? Math.round(remaining / 1_000) * 1_000 : Math.floor(remaining)
    // Rounded up to a second, so that the limit is available by the printed time.
    const second = Math.ceil((wallMs + resetInMs) / 1_000)
    if (printed.second !== second) printed = { second, text: printSecond(second) }
    headers[names.limit] = String(limit)
    headers[names.remaining] = String(Math.min(limit, shown))
    headers[names.reset] = printed.text
  }
  const [inputState, outputState] = [getLimitState(input, nowMs), getLimitState(output, nowMs)]
  if (requests !== null) show(requestNames, getLimitState(requests, nowMs))
  if (input !== null) show(inputNames, inputState)
  if (output !== null) show(outputNames, outputState)
  if (input !== null && output !== null) {
    show(tokenNames, {
      limit: inputState.limit + outputState.limit,
      remaining: inputState.remaining + outputState.remaining,
      resetInMs: Math.max(inputState.resetInMs, outputState.resetInMs),
    })
  }
  return headers
}

interface HeaderNames {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
  /** Rounds the remaining amount to thousands. */
  readonly rounds: boolean
}

const requestNames = getNames('requests', false)
const inputNames = getNames('input-tokens', true)
const outputNames = getNames('output-tokens', true)
const tokenNames = getNames('tokens', true)

function getNames(kind: string, rounds: boolean): HeaderNames {
  const name = `anthropic-ratelimit-${kind}`
  return { limit: `${name}-limit`, remaining: `${name}-remaining`, reset: `${name}-reset`, rounds }
}

interface LimitState {
  readonly limit: number
  readonly remaining: number
  readonly resetInMs: number
}

const unlimited: LimitState = { limit: 0, remaining: 0, resetInMs: 0 }

function getLimitState(allowance: Allowance | null, nowMs: number): LimitState {
  if (allowance === null) return unlimited
  const { limit } = allowance
  return { limit, remaining: allowance.remaining(nowMs), resetInMs: allowance.resetInMs(nowMs) }
}

function printSecond(second: number): string {
  return `${new Date(second * 1_000).toISOString().slice(0, 19)}Z`
}
