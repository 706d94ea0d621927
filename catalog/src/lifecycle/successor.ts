import { getDay } from '../day.ts'
import { replacementOn, statusOn } from './lifecycle.ts'
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
