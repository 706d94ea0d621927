import type { Allowance, Allowances } from '../leases/allowance.ts'

/**
 * What is left of a key's limits, in the headers of the service (api/rate-limits):
 * `remaining` of tokens is rounded to the nearest thousand, `reset` is the time at
 * which all of a limit is there again. `anthropic-ratelimit-tokens` tells of input
 * and output together, where both are limited. `wallMs` is the time of day.
 */
export function rateHeaders(
  [requests, input, output]: Allowances,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): Record<string, string> {
  const headers: Record<string, string> = {}
  // Mostly all of them fall into one second, and printing a time is the dearest part of this.
  let printed = { second: -1, text: '' }
  const show = (names: HeaderNames, { limit, remaining, resetInMs }: LimitState) => {
    const shown = names.rounds ? Math.round(remaining / 1_000) * 1_000 : Math.floor(remaining)
    // To the second, upwards: whoever waits until then finds it true.
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
  /** To thousands. */
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
