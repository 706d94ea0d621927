import type { Finding } from './check.ts'
import type { LifecycleMode } from './lifecycle.ts'
import { statusOn } from './lifecycle.ts'
import type { Model } from './model.ts'

/** What is to be said about a model's age: nothing, a notice, or that the API no longer knows it. */
export function findLifecycle(model: Model, mode: LifecycleMode, day: string): readonly Finding[] {
  const status = statusOn(model, day)
  if (status === 'active') return []
  if (status === 'deprecated') return mode === 'ignore' ? [] : [deprecated(model)]
  return [mode === 'enforce' ? notFound(model) : retired(model, mode)]
}

function deprecated(model: Model): Finding {
  const { deprecated: since, retired: end } = model.lifecycle
  const until = end === null ? '' : ` and retires on ${end}`
  return notice(
    'model_deprecated',
    `${model.id} is deprecated since ${since}${until}${successor(model)}.`,
    model,
  )
}

function retired(model: Model, mode: 'ignore' | 'warn'): Finding {
  const end =
    mode === 'ignore' ? `it is served with the facts of ${model.factsAsOf}` : 'the API answers 404 for it'
  return notice(
    'model_retired',
    `${model.id} was retired on ${model.lifecycle.retired}${successor(model)}; ${end}.`,
    model,
  )
}

/** The text with which the API answers a retired id, the same as for one it never knew (Errors page). */
function notFound(model: Model): Finding {
  return {
    code: 'model_retired',
    severity: 'error',
    status: 404,
    type: 'not_found_error',
    message: `model: ${model.id}`,
    hint: `It was retired on ${model.lifecycle.retired}: ${advice(model)}`,
    path: 'model',
  }
}

function notice(code: string, message: string, model: Model): Finding {
  return {
    code,
    severity: 'notice',
    status: 200,
    type: 'notice',
    message,
    hint: advice(model),
    path: 'model',
  }
}

function successor(model: Model): string {
  const { replacement } = model.lifecycle
  return replacement === null ? '' : `, replaced by ${replacement}`
}

function advice(model: Model): string {
  const { replacement } = model.lifecycle
  return replacement === null ? 'Choose another model.' : `Move to ${replacement}.`
}
