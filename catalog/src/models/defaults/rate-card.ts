import { formatUsdPerMTok, parseUsdPerMTok } from '../../pricing/money.ts'
import type { BatchPrices, FastPrices, PriceStep, RateCard, TokenPrices } from '../../pricing/rate-card.ts'

/**
 * A rate card as a model file states it. Input and output are as the page prints them. A cache price may be left out
 * where the multipliers give what the page prints. A batch price is always half the standard price.
 */
export type RateCardFacts = Omit<RateCard, 'id' | 'standard' | 'steps' | 'batch' | 'fast'> & {
  /** The default is the model's id without its date, and the day of the card. */
  readonly id?: string
  readonly standard: StatedPrices
  readonly steps?: readonly StatedStep[]
  readonly fast?: StatedFastPrices
}

type StatedPrices = Pick<TokenPrices, 'input' | 'output'> & Partial<TokenPrices>
/** The page prints no cache prices for a long prompt and for fast mode: they follow from the multipliers. */
type StatedStep = StatedPrices &
  Omit<PriceStep, keyof TokenPrices | 'batch' | 'fast'> & { readonly fast?: StatedPrices }
/** Fast mode requires the header of its research preview, unless it states another. */
type StatedFastPrices = StatedPrices &
  Omit<FastPrices, keyof TokenPrices | 'needsBeta'> &
  Partial<Pick<FastPrices, 'needsBeta'>>

/** Adds the prices that follow from the multipliers of the pricing page; `name` is the model's id without its date. */
export function completeRateCard(name: string, facts: RateCardFacts): RateCard {
  const { from, standard, steps, fast, ...others } = facts
  return {
    id: `${name}/${from}`,
    from,
    standard: completePrices(standard),
    ...(steps !== undefined && { steps: steps.map(completeStep) }),
    batch: halvePrices(standard),
    ...(fast !== undefined && { fast: completeFastPrices(fast) }),
    ...others,
  }
}

function completePrices({ input, output, ...printed }: StatedPrices): TokenPrices {
  return {
    input,
    cache_write_5m: multiplyPrice(input, 125n),
    cache_write_1h: multiplyPrice(input, 200n),
    cache_read: multiplyPrice(input, 10n),
    output,
    ...printed,
  }
}

function completeStep({ abovePromptTokens, needsBeta, until, fast, ...prices }: StatedStep): PriceStep {
  return {
    abovePromptTokens,
    needsBeta,
    until,
    ...completePrices(prices),
    batch: halvePrices(prices),
    ...(fast !== undefined && { fast: completePrices(fast) }),
  }
}

function completeFastPrices({
  ended,
  needsBeta = 'fast-mode-2026-02-01',
  ...prices
}: StatedFastPrices): FastPrices {
  return { ...completePrices(prices), needsBeta, ended }
}

function halvePrices({ input, output }: StatedPrices): BatchPrices {
  return { input: multiplyPrice(input, 50n), output: multiplyPrice(output, 50n) }
}

/** Formats as the page does, which prints whole dollars without cents. */
function multiplyPrice(price: string, percent: bigint): string {
  return formatUsdPerMTok((parseUsdPerMTok(price) * percent) / 100n).replace(/\.00$/, '')
}
