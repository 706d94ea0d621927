import type { Finding } from '../checks/finding.ts'
import type { LifecycleMode } from './lifecycle.ts'
import { replacementOn, statusOn } from './lifecycle.ts'
import type { Lifecycle, Model, Platform } from '../model.ts'

interface When {
  readonly mode: LifecycleMode
  readonly day: string
  readonly platform: Platform
}

/** Checks a model's age on a platform: nothing, a notice, or the API's error for a retired model. */
export function findLifecycle(model: Model, when: When): readonly Finding[] {
  const life = model.lifecycle[when.platform]
  if (life === null || model.platforms[when.platform] === null) return [notOffered(model, when.platform)]
  switch (statusOn(model, when.day, when.platform)) {
    case 'active':
    case 'unknown':
      return []
    case 'unreleased':
      return findUnreleased(model, life, when.mode)
    case 'deprecated':
      return when.mode === 'ignore' ? [] : [deprecated(model, life, when.day)]
    case 'retired':
      return [retired(model, life, when)]
  }
}

function notOffered(model: Model, platform: Platform): Finding {
  const hint = 'Choose another platform or model.'
  return notice(
    'model_not_on_platform',
    `${model.id} is not offered on ${platform}, as far as is known.`,
    hint,
  )
}

/** Before the model's release the API did not know it. */
function findUnreleased(model: Model, life: Lifecycle, mode: LifecycleMode): readonly Finding[] {
  if (mode === 'ignore') return []
  // A platform without a published start date did not start before the Claude API.
  const released = life.released ?? model.lifecycle.anthropic.released
  const since = `It was released on ${released}.`
  if (mode === 'enforce') return [notFound(model, 'model_unreleased', since)]
  const message = `${model.id} was not released until ${released}; before that day the API returns 404 for it.`
  return [notice('model_unreleased', message, since)]
}

function deprecated(model: Model, life: Lifecycle, day: string): Finding {
  // A platform may have deprecated it without publishing a date.
  const since = life.deprecated === null ? '' : ` since ${life.deprecated}`
  const until = life.retired === null ? '' : ` and retires on ${life.retired}`
  const message = `${model.id} is deprecated${since}${until}${successor(model, day)}.`
  return notice('model_deprecated', message, advice(model, day))
}

function retired(model: Model, life: Lifecycle, { mode, day }: When): Finding {
  const on = life.retired === null ? '' : ` on ${life.retired}`
  if (mode === 'enforce')
    return notFound(model, 'model_retired', `It was retired${on}: ${advice(model, day)}`)
  const end =
    mode === 'ignore' ? `it is served with the facts of ${model.factsAsOf}` : 'the API returns 404 for it'
  return notice(
    'model_retired',
    `${model.id} was retired${on}${successor(model, day)}; ${end}.`,
    advice(model, day),
  )
}

/** The API's text for a retired id, the same as for an unknown one (Errors page). */
function notFound(model: Model, code: string, hint: string): Finding {
  return {
    code,
    severity: 'error',
    status: 404,
    type: 'not_found_error',
    message: `model: ${model.id}`,
    hint,
    path: 'model',
  }
}

function notice(code: string, message: string, hint: string): Finding {
  return { code, severity: 'notice', status: 200, type: 'notice', message, hint, path: 'model' }
}

function successor(model: Model, day: string): string {
  const replacement = replacementOn(model, day)
  return replacement === undefined ? '' : `, replaced by ${replacement.id}`
}

function advice(model: Model, day: string): string {
  const replacement = replacementOn(model, day)
  return replacement === undefined ? 'Choose another model.' : `Move to ${replacement.id}.`
}
