import { findSuccessor, getLifecycle, resolve } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'

import type { Severity } from '../finding.ts'
import type { Move } from '../move.ts'
import type { Name } from '../names/name.ts'
import { getNamedId } from '../names/name.ts'
import { findMoveTarget } from './target-of-model.ts'

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
export function describeName(name: Name, platform: Platform, move: Move): NameState {
  const { day } = move
  const { model, retired } = name
  const text =
    name.form === 'constant' || name.form === 'display' ? (getNamedId(name) ?? name.text) : name.text
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
      severity: isFarAway(life.retired, move) ? 'note' : 'changes',
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

/** True for a retirement behind the days that a check asks for. */
function isFarAway(retired: string | null, { day, failWithinDays }: Move): boolean {
  if (failWithinDays === undefined) return false
  if (retired === null) return true
  return Date.parse(retired) - Date.parse(day) > failWithinDays * 86_400_000
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
  const { model, retired, known } = name
  if (!known) return null
  if (model !== null) return findMoveTarget(model, move)
  if (retired === null) return null
  if (move.target !== null)
    return move.from === undefined || move.from.includes(retired.id) ? move.target : null
  const replacement = resolve(retired.replacement)
  return replacement.ok ? replacement.model : null
}
