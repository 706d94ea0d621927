import {
  check,
  computePrice,
  formatNanoUsd,
  getEffectiveDay,
  getLifecycle,
  models,
  optionsOn,
  readFacts,
  suggestModel,
} from '@anthology/catalog'
import type { Finding, Model, Usage } from '@anthology/catalog'

import { formatUsd } from '../../parts/format.ts'
import type { CreatedRequest } from './create-request.ts'

/** Questions to the catalog about a request and its answer. */

export function getToday(): string {
  return new Date().toISOString().slice(0, 10)
}

export function findModel(id: string): Model | undefined {
  return models.find((model) => model.id === id)
}

export function getDefaultModel(): Model | undefined {
  return suggestModel(getToday()) ?? models[0]
}

/** Where a model is in its life on the Claude API, and the model that takes its place. */
export function getState(model: Model) {
  return getLifecycle(model, 'anthropic', getToday())
}

/** The values that a model accepts. */
export function listOptions(model: Model) {
  const options = optionsOn(model, getEffectiveDay(model, 'ignore', getToday()))
  return { ...options, thinkingTypes: model.thinking?.types ?? [], effortLevels: model.effort?.levels ?? [] }
}

/** The findings of the API for a request, errors first. */
export function findProblems(created: CreatedRequest, model: Model): readonly Finding[] {
  if (!created.ok) return []
  const facts = { ...readFacts(created.body), betas: created.betas }
  const findings = check(facts, model, { platform: 'anthropic', asOf: getToday() })
  return findings.toSorted(
    (one, other) => Number(other.severity === 'error') - Number(one.severity === 'error'),
  )
}

/** The exact price of an answer in nano-dollars; null without a usage or a price. */
export function priceAnswerNanoUsd(
  usage: Usage | null,
  model: Model,
  betas: readonly string[],
): bigint | null {
  if (usage === null) return null
  const price = computePrice(usage, model, { asOf: getToday(), betas })
  return price.ok ? price.totalNanoUsd : null
}

/** The exact price of an answer as text; null without one. */
export function priceAnswer(usage: Usage | null, model: Model, betas: readonly string[]): string | null {
  const nanoUsd = priceAnswerNanoUsd(usage, model, betas)
  return nanoUsd === null ? null : formatUsd(formatNanoUsd(nanoUsd))
}
