import { getLifecycle, idOn, limitOn, valueOn } from '@anthology/catalog'
import type { Limit, Model, Platform, TokenPrices } from '@anthology/catalog'

/** The day of the facts to show: the requested day, or for a retired model the last day of its era. */
export function getEffectiveDay(model: Model, asOf: string | undefined): string {
  const { status } = getLifecycle(model, 'anthropic', asOf)
  return status === 'retired' || status === 'unreleased' ? model.factsAsOf : (asOf ?? today())
}

export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** The standard prices to show for a model; undefined if none is known. */
export function shownPrices(model: Model, asOf: string | undefined): TokenPrices | undefined {
  return valueOn(model.rateCards, getEffectiveDay(model, asOf))?.standard
}

/** A limit on the day to show, without a beta that has ended by then. */
export function shownLimit(model: Model, limit: Limit, asOf: string | undefined): Limit {
  const day = getEffectiveDay(model, asOf)
  const { tokens, beta } = limitOn(limit, day)
  const open = beta !== null && (beta.until === null || day < beta.until)
  return { tokens, tooltip: limit.tooltip, beta: open ? beta : null }
}

/** The id to show on a platform; null if the platform does not offer the model on the day. */
export function shownId(model: Model, platform: Platform, asOf: string | undefined): string | null {
  return idOn(model, platform, asOf ?? today())
}
