import type { Model } from '../model.ts'
import type { FastPrices } from './rate-card.ts'
import { valueOn } from '../effective-dated.ts'

/** The prices of fast mode on a day on which the model offers it. */
export function fastPricesOn({ rateCards }: Model, day: string): FastPrices | undefined {
  const fast = valueOn(rateCards, day)?.fast
  return fast === undefined || (fast.ended !== null && day >= fast.ended.on) ? undefined : fast
}
