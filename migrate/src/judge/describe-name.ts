import { findSuccessor, getLifecycle, models, resolve } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'

import type { Severity } from '../finding.ts'
import type { Move } from '../move.ts'
import type { Name } from '../names/name.ts'
import { getNamedId } from '../names/name.ts'

export interface NameState {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint: string | null
}

const titles: Readonly<Record<Platform, string>> = {
  anthropic: 'the Claude API',
  bedrock: 'Amazon Bedrock',
  vertex: 'Google Cloud',
  foundry: 'Microsoft Foundry',
}

/** The age of a named model on a platform, and the effect on requests. */
export function describeName(name: Name, platform: Platform, { day }: Move): NameState {
  const { model, retired, text } = name
  if (!name.known) return describeUnknown(name)
  if (retired !== null)
    return {
      code: 'model_retired',
      severity: 'breaks',
      message: `${retired.id} was retired on ${retired.retired}; the API answers 404 "model: ${text}".`,
      hint: `Move to ${retired.replacement}.`,
    }
  if (model === null) return describeUnknown(name)
  const own = getLifecycle(model, platform, day)
  const life = own.status === 'unknown' ? getLifecycle(model, 'anthropic', day) : own
  const successor = findSuccessor(model, day)
  const hint = successor === null ? null : `Move to ${successor.id}.`
  const where = titles[own.status === 'unknown' ? 'anthropic' : platform]
  if (life.status === 'retired')
    return {
      code: 'model_retired',
      severity: 'breaks',
      message: `${model.id} was retired on ${where}${life.retired === null ? '' : ` on ${life.retired}`}; the API answers 404 "model: ${text}".`,
      hint,
    }
  if (life.status === 'deprecated')
    return {
      code: 'model_deprecated',
      severity: 'changes',
      message: `${model.id} is deprecated on ${where}${life.retired === null ? '' : ` and retires on ${life.retired}`}.`,
      hint,
    }
  return {
    code: 'model_active',
    severity: 'tune',
    message: `${model.id} is in service on ${where}${life.notBefore === null ? '' : `, until ${life.notBefore} at least`}.`,
    hint,
  }
}

function describeUnknown({ text, suggestions }: Name): NameState {
  const meant = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.slice(0, 3).join(' or ')}?`
  return {
    code: 'name_unknown',
    severity: 'breaks',
    message: `No platform knows a model ${text}.${meant}`,
    hint: 'Correct the name.',
  }
}

/** The model to which a name moves; null: it stays. */
export function findTarget(name: Name, move: Move): Model | null {
  const { model, retired } = name
  if (!name.known || (model === null && retired === null)) return null
  if (move.target === null) return findNext(name, move.day)
  const id = getNamedId(name)
  if (id === move.target.id) return null
  const { from } = move
  if (from !== undefined)
    return from.some((each) => each === id || each === model?.family) ? move.target : null
  return isOlder(model, move.target) ? move.target : null
}

function findNext({ model, retired }: Name, day: string): Model | null {
  if (model !== null) return findSuccessor(model, day)
  const replacement = retired === null ? null : resolve(retired.replacement)
  return replacement?.ok === true ? replacement.model : null
}

function isOlder(model: Model | null, target: Model): boolean {
  if (model === null) return true
  return (
    released(model) < released(target) ||
    (released(model) === released(target) && models.indexOf(model) > models.indexOf(target))
  )
}

function released({ lifecycle }: Model): string {
  return lifecycle.anthropic.released
}
