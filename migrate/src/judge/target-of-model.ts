import { findSuccessor, models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Move } from '../move.ts'

/** The model to which a model moves; null: it stays. */
export function findMoveTarget(model: Model, { target, from, day }: Move): Model | null {
  if (target === null) return findSuccessor(model, day)
  if (model.id === target.id) return null
  if (from !== undefined)
    return from.some((each) => each === model.id || each === model.family) ? target : null
  return isOlder(model, target) ? target : null
}

function isOlder(model: Model, target: Model): boolean {
  const [own, other] = [model.lifecycle.anthropic.released, target.lifecycle.anthropic.released]
  return own < other || (own === other && models.indexOf(model) > models.indexOf(target))
}
