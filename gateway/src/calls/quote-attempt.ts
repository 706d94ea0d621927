import { formatNanoUsd, quote, readFacts } from '@anthology/catalog'
import type { Bounds, RequestFacts } from '@anthology/catalog'
import { parseJson } from '@anthology/wire'

import { getDay } from '../clock.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import { getPriceRegion } from '../upstreams/model-name.ts'
import { quoteOwnRates } from '../upstreams/own-price.ts'
import type { Call } from './call.ts'

/** The possible cost of an attempt in US dollars, as decimal text. An unknown price is never zero. */
export type AttemptQuote =
  | {
      readonly low_usd: string
      readonly high_usd: string
      readonly rate_card: string
      readonly input_tokens: Bounds
      readonly output_tokens: Bounds
    }
  | { readonly because: 'unknown_price'; readonly detail: string }

/** Returns the quote of an attempt of a call, by where it would run: the platform, the region or the own prices of its upstream. */
export function createAttemptQuote(call: Call): (attempt: PlannedAttempt) => AttemptQuote {
  const facts = readQuoteFacts(call)
  const asOf = getDay(call.startedAtMs)
  return ({ account, model, modelName }) => {
    const region = getPriceRegion(account, modelName)
    const quoted = quote(facts, model, { asOf, platform: account.platform, region })
    if (!quoted.ok) return { because: quoted.because, detail: quoted.detail }
    const { lowNanoUsd, highNanoUsd } =
      account.rates === undefined ? quoted : quoteOwnRates(quoted, facts.cache_ttls, account.rates)
    return {
      low_usd: formatNanoUsd(lowNanoUsd),
      high_usd: formatNanoUsd(highNanoUsd),
      rate_card: account.rates === undefined ? quoted.rateCard : `upstream/${account.name}`,
      input_tokens: quoted.promptTokens,
      output_tokens: quoted.outputTokens,
    }
  }
}

/** Unlike a call, an explanation may parse the whole body. Its betas are those of all its places. */
function readQuoteFacts({ body, betas, stream }: Call): RequestFacts {
  const parsed = parseJson(new TextDecoder().decode(body))
  return { ...readFacts(parsed), betas, stream }
}
