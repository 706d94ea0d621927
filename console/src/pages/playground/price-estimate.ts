import { computePrice, formatNanoUsd, quote, readFacts } from '@anthology/catalog'
import type { Model, PriceLine, Usage } from '@anthology/catalog'

import { formatUsd } from '../../parts/format.ts'
import type { CreatedRequest, RequestBody } from './create-request.ts'
import { listMarks } from './list-marks.ts'
import { getToday } from './model-options.ts'

/** The price of a call before it is sent: of the prompt in both cases of the cache, and of the longest answer. */
export type Estimate =
  | {
      readonly ok: true
      /** Null before the tokens were counted. */
      readonly prompt: PromptPrice | null
      /** The most that the prompt can cost, by its length in bytes; it needs no count. */
      readonly promptAtMost: { readonly tokens: number; readonly usd: string }
      /** The price of the longest answer that `max_tokens` allows. */
      readonly output: { readonly tokens: number; readonly usd: string }
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly detail: string }

export interface PromptPrice {
  /** Nothing is read from the cache: input, or where a breakpoint is set a write. */
  readonly miss: string
  /** All that can be cached is read; null: nothing can be. */
  readonly hit: string | null
  readonly cached: Cached
}

/**
 * How much of the prompt the cache holds: nothing without a breakpoint or below the model's shortest cached prompt; all
 * of it if the last breakpoint ends it, at one time to live. Otherwise a part that the count does not tell, so that the
 * price without the cache is the most and the price with it the least.
 */
export type Cached = 'no_breakpoint' | 'too_short' | 'all' | 'part'

/** Prices a request for a model; `inputTokens` is the count of its tokens, if it is known. */
export function estimate(created: CreatedRequest, model: Model, inputTokens: number | undefined): Estimate {
  if (!created.ok) return { ok: false, detail: created.problem }
  const facts = { ...readFacts(created.body), betas: created.betas }
  const counted = inputTokens === undefined ? facts : { ...facts, input_tokens: inputTokens }
  const quoted = quote(counted, model, { asOf: getToday() })
  if (!quoted.ok) return quoted
  const prompt =
    inputTokens === undefined
      ? null
      : pricePrompt(created.body, model, { tokens: inputTokens, betas: created.betas })
  return {
    ok: true,
    prompt,
    promptAtMost: { tokens: quoted.promptTokens.high, usd: printSum(quoted.highLines, isPrompt) },
    output: { tokens: quoted.outputTokens.high, usd: printSum(quoted.highLines, isOutput) },
    notes: quoted.notes,
  }
}

interface Counted {
  readonly tokens: number
  readonly betas: readonly string[]
}

function pricePrompt(body: RequestBody, model: Model, { tokens, betas }: Counted): PromptPrice | null {
  const price = (usage: Usage) => {
    const computed = computePrice({ ...usage, output_tokens: 0 }, model, { asOf: getToday(), betas })
    return computed.ok ? printSum(computed.lines, isPrompt) : null
  }
  const cached = findCached(body, model, tokens)
  const isCached = cached === 'all' || cached === 'part'
  const isHour = listMarks(body).some(({ ttl }) => ttl === '1h')
  const written = isHour
    ? { cache_creation: { ephemeral_1h_input_tokens: tokens } }
    : { cache_creation: { ephemeral_5m_input_tokens: tokens } }
  const miss = price(isCached ? written : { input_tokens: tokens })
  if (miss === null) return null
  return { miss, hit: isCached ? price({ cache_read_input_tokens: tokens }) : null, cached }
}

function findCached(body: RequestBody, { minCacheableTokens }: Model, tokens: number): Cached {
  const marks = listMarks(body)
  if (marks.length === 0) return 'no_breakpoint'
  if (tokens < (minCacheableTokens ?? 0)) return 'too_short'
  const isWhole = marks.at(-1)?.endsPrompt === true
  return isWhole && new Set(marks.map(({ ttl }) => ttl)).size === 1 ? 'all' : 'part'
}

const isOutput = ({ component }: PriceLine) => component === 'output'
const isPrompt = ({ component }: PriceLine) => component !== 'output' && component !== 'web_search'

function printSum(lines: readonly PriceLine[], isCounted: (line: PriceLine) => boolean): string {
  const nanoUsd = lines.filter(isCounted).reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)
  return formatUsd(formatNanoUsd(nanoUsd))
}
