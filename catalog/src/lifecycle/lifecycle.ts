import { getDay } from '../day.ts'
import type { Lifecycle, LifecycleStatus, Model, Platform } from '../model.ts'
import { models } from '../models.ts'
import { valueOn } from '../effective-dated.ts'

/** How dates are applied: served at any date, served with a notice by date, or rejected by date. */
export type LifecycleMode = 'ignore' | 'warn' | 'enforce'

export interface LifecycleState {
  readonly status: LifecycleStatus
  readonly deprecated: string | null
  readonly retired: string | null
  readonly replacement: string | null
  /** If no retirement is announced: the day before which there will be none. */
  readonly notBefore: string | null
  /** Known facts besides the dates. */
  readonly note: string | null
}

/**
 * Returns a model's lifecycle on a day (default today) on a platform (default the Claude API), as it was known
 * on that day: a retirement is known from its announcement on, which is the day of the deprecation. A model is
 * deprecated or retired from that day on, inclusive. The status is `unknown`, unless stated by a source, on
 * a platform that does not offer the model, and, once the Claude API has retired it, on one that publishes
 * no dates.
 */
export function getLifecycle(model: Model, platform: Platform = 'anthropic', asOf?: string): LifecycleState {
  const day = getDay(asOf)
  const life = model.lifecycle[platform]
  const status = statusOn(model, day, platform)
  const unknown = { deprecated: null, retired: null, replacement: null }
  if (life === null) return { status, ...unknown, notBefore: null, note: null }
  const { deprecated, retired, notBefore, note = null } = life
  // A source may state that a model is deprecated without a day.
  const isAnnounced = status === 'deprecated' || status === 'retired'
  if (!isAnnounced) return { status, ...unknown, notBefore, note }
  const replacement = replacementOn(model, day)?.id ?? null
  return { status, deprecated, retired, replacement, notBefore, note }
}

/** The replacement, or the one that an earlier edition named before the newer one was released. */
export function replacementOn({ lifecycle }: Model, day: string): Model | undefined {
  const { replacement, earlierReplacement } = lifecycle.anthropic
  const named = [replacement, earlierReplacement].map((id) => models.find((model) => model.id === id))
  return named.find((model) => model !== undefined && statusOn(model, day) !== 'unreleased')
}

/** The status alone, for a valid day. */
export function statusOn(model: Model, day: string, platform: Platform = 'anthropic'): LifecycleStatus {
  const life = model.lifecycle[platform]
  if (life === null) return 'unknown'
  // A platform without a published start date did not start before the Claude API.
  const released = life.released ?? model.lifecycle.anthropic.released
  if (day < released) return 'unreleased'
  return statedOrDated(life, day)
}

function statedOrDated({ deprecated, retired, stated = [] }: Lifecycle, day: string): LifecycleStatus {
  if (reached(retired, day)) return 'retired'
  if (reached(deprecated, day)) return 'deprecated'
  return valueOn(stated, day)?.status ?? 'active'
}

/** The status as the Models API reports it. */
export type ListedStatus = 'active' | 'deprecated' | 'retired'

/** A model's status on the Claude API: null before its release; active if no date is published. */
export function getListedStatus(model: Model, asOf?: string): ListedStatus | null {
  const status = statusOn(model, getDay(asOf))
  if (status === 'unreleased') return null
  return status === 'unknown' ? 'active' : status
}

/** The day whose limits and betas apply: in mode `ignore` a retired model keeps those of its own era. */
export function getEffectiveDay(model: Model, mode: LifecycleMode, day: string): string {
  return mode === 'ignore' && statusOn(model, day) === 'retired' ? model.factsAsOf : day
}

function reached(since: string | null, day: string): boolean {
  return since !== null && day >= since
}
