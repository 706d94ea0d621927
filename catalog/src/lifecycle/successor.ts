import { getDay } from '../day.ts'
import { statusOn } from './lifecycle.ts'
import type { Model } from '../model.ts'
import { models } from '../models.ts'

/**
 * The model to move to from one that is deprecated or retired on a day (default today): its replacement, or where that
 * one has gone too, the replacement's. Null while nothing has to be done, and where nobody named an active one.
 */
export function findSuccessor(model: Model, asOf?: string): Model | null {
  const day = getDay(asOf)
  let current = model
  for (let step = 0; step <= models.length; step += 1) {
    const status = statusOn(current, day)
    if (status === 'active') return current === model ? null : current
    const next = replacementOn(current, day)
    if (next === undefined) return status === 'deprecated' && current !== model ? current : null
    current = next
  }
  return null
}

/** The replacement, or the one an earlier edition named when the newer one was not out yet. */
function replacementOn({ lifecycle }: Model, day: string): Model | undefined {
  const { replacement, earlierReplacement } = lifecycle.anthropic
  const named = [replacement, earlierReplacement].map((id) => models.find((model) => model.id === id))
  return named.find((model) => model !== undefined && statusOn(model, day) !== 'unreleased')
}
