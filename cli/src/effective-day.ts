import { getLifecycle, limitOn, valueOn } from '@anthology/catalog'
import type { Limit, Model, TokenPrices } from '@anthology/catalog'

/** The day whose facts are shown of a model: the day asked about, or for a retired one the last it was itself. */
export function getEffectiveDay(model: Model, asOf: string | undefined): string {
  const { status } = getLifecycle(model, 'anthropic', asOf)
  return status === 'retired' || status === 'unreleased' ? model.factsAsOf : (asOf ?? today())
}

export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** The standard prices that are shown of a model; undefined where none is known. */
export function shownPrices(model: Model, asOf: string | undefined): TokenPrices | undefined {
  const card = valueOn(model.rateCards, getEffectiveDay(model, asOf)) ?? model.rateCards[0]
  return card?.standard
}

/** A limit as it held on the day that is shown; a beta that has ended by then is not there. */
export function shownLimit(model: Model, limit: Limit, asOf: string | undefined): Limit {
  const day = getEffectiveDay(model, asOf)
  const { tokens, beta } = limitOn(limit, day)
  const open = beta !== null && (beta.until === null || day < beta.until)
  return { tokens, tooltip: limit.tooltip, beta: open ? beta : null }
}
