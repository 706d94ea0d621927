import { getDay } from '../day.ts'
import { statusOn } from './lifecycle.ts'
import type { Model } from '../model.ts'
import { models } from '../models.ts'

/**
 * Finds the model to move to from one that is deprecated or retired on a day (default today): its
 * replacement, or the replacement's own successor if that is gone too. Null if no move is needed, or no
 * active replacement is named.
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

/** The replacement, or the one that an earlier edition named before the newer one was released. */
function replacementOn({ lifecycle }: Model, day: string): Model | undefined {
  const { replacement, earlierReplacement } = lifecycle.anthropic
  const named = [replacement, earlierReplacement].map((id) => models.find((model) => model.id === id))
  return named.find((model) => model !== undefined && statusOn(model, day) !== 'unreleased')
}
