import { dayOf } from './day.ts'
import type { Model } from './model.ts'

export type LifecycleStatus = 'active' | 'deprecated' | 'retired'

/** How dates are applied: served whatever the date, served with a notice by date, or refused by date. */
export type LifecycleMode = 'ignore' | 'warn' | 'enforce'

export type LifecycleState = {
  readonly status: LifecycleStatus
  readonly deprecated: string | null
  readonly retired: string | null
  readonly replacement: string | null
}

/** Where a model stands on a day on the Claude API; a model is deprecated or retired from the day itself on. */
export function lifecycleOf(model: Model, asOf?: string): LifecycleState {
  const { deprecated, retired, replacement } = model.lifecycle
  return { status: statusOn(model, dayOf(asOf)), deprecated, retired, replacement }
}

/** The same for a day that is known to be one. */
export function statusOn(model: Model, day: string): LifecycleStatus {
  if (reached(model.lifecycle.retired, day)) return 'retired'
  return reached(model.lifecycle.deprecated, day) ? 'deprecated' : 'active'
}

/** The day whose limits and betas hold: in mode `ignore` a retired model keeps those of its own era. */
export function factsDay(model: Model, mode: LifecycleMode, day: string): string {
  return mode === 'ignore' && statusOn(model, day) === 'retired' ? model.factsAsOf : day
}

function reached(since: string | null, day: string): boolean {
  return since !== null && day >= since
}
