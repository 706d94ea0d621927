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
  const { known, model, retired } = name
  if (known && retired !== null)
    return {
      code: 'model_retired',
      severity: 'breaks',
      message: `${retired.id} was retired on ${retired.retired}; ${describeNotFound(name)}`,
      hint: `Move to ${retired.replacement}.`,
    }
  return known && model !== null ? describeLifecycle(name, model, platform, move) : describeUnknown(name)
}

function describeLifecycle(name: Name, model: Model, platform: Platform, move: Move): NameState {
  const own = getLifecycle(model, platform, move.day)
  // A platform that states no dates follows the Claude API.
  const home = own.status === 'unknown' ? 'anthropic' : platform
  const { status, retired, notBefore } = getLifecycle(model, home, move.day)
  const where = titles[home]
  const successor = findSuccessor(model, move.day)
  const hint = successor === null ? null : `Move to ${successor.id}.`
  if (status === 'retired') {
    const since = retired === null ? '' : ` on ${retired}`
    const message = `${model.id} was retired on ${where}${since}; ${describeNotFound(name)}`
    return { code: 'model_retired', severity: 'breaks', message, hint }
  }
  if (status === 'deprecated') {
    const until = retired === null ? '' : ` and retires on ${retired}`
    const severity = isFarAway(retired, move) ? 'note' : 'changes'
    const message = `${model.id} is deprecated on ${where}${until}.`
    return { code: 'model_deprecated', severity, message, hint }
  }
  const until = notBefore === null ? '' : `, until ${notBefore} at least`
  const message = `${model.id} is in service on ${where}${until}.`
  return { code: 'model_active', severity: 'tune', message, hint }
}

/** A constant or a title is sent as the id that it stands for. */
function describeNotFound(name: Name): string {
  const isSpelledOut = name.form === 'constant' || name.form === 'display'
  const sent = isSpelledOut ? (getNamedId(name) ?? name.text) : name.text
  return `the API answers 404 "model: ${sent}".`
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
