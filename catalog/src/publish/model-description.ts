import { getDay } from '../day.ts'
import { getEffectiveDay, getLifecycle, getListedStatus } from '../lifecycle/lifecycle.ts'
import type { LifecycleMode, ListedStatus } from '../lifecycle/lifecycle.ts'
import { limitOn } from '../tokens/limit.ts'
import { getCapabilities } from './model-capabilities.ts'
import type { ModelCapabilities } from './model-capabilities.ts'
import type { Family, Limit, Model } from '../model.ts'

/** A model as the Models API first described it (platform.claude.com, api/models). */
export interface BriefDescription {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
}

/** The members added in March 2026, and those that are optional until October. */
export type FullDescription = BriefDescription & {
  readonly max_input_tokens: number
  readonly max_tokens: number
  readonly capabilities: ModelCapabilities
  readonly line?: Family
  readonly lifecycle?: ListedStatus
  readonly deprecated_at?: string | null
  readonly retires_at?: string | null
}

export interface DescribeOptions {
  /** The day of the shape and the facts; default today. */
  readonly asOf?: string
  /** In mode `ignore`, the default, a retired model has the limits of its own era. */
  readonly mode?: LifecycleMode
}

/** Describes a model in the API's shape of the day: four members at first, more in the course of 2026. */
export function describeModel(
  model: Model,
  options: DescribeOptions = {},
): BriefDescription | FullDescription {
  const { mode = 'ignore' } = options
  const day = getDay(options.asOf)
  const brief: BriefDescription = {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: getCreatedAt(model),
  }
  if (day < limitsSince) return brief
  const facts = getEffectiveDay(model, mode, day)
  const full: FullDescription = {
    ...brief,
    max_input_tokens: largestOn(model.contextWindow, facts),
    max_tokens: limitOn(model.maxOutput, facts).tokens,
    capabilities: getCapabilities(model, { isWhole: day >= lifecycleSince }),
  }
  return day < lifecycleSince ? full : { ...full, line: model.family, ...lifecycleFields(model, day) }
}

/** The release day stands in for the newest models, which no captured response lists. */
export function getCreatedAt({ createdAt, lifecycle }: Model): string {
  return createdAt ?? `${lifecycle.anthropic.released}T00:00:00Z`
}

const limitsSince = '2026-03-18'
/** The lifecycle dates were added on an unknown day; the catalog adds them with the line. */
const lifecycleSince = '2026-10-01'

/** The API reports the window that a beta enables: 1M for Sonnet 4 in April 2026. */
function largestOn(limit: Limit, day: string): number {
  const { tokens, beta } = limitOn(limit, day)
  const isOpen = beta !== null && (beta.until === null || day < beta.until)
  return isOpen ? Math.max(tokens, beta.tokens) : tokens
}

function lifecycleFields(
  model: Model,
  day: string,
): Pick<FullDescription, 'lifecycle' | 'deprecated_at' | 'retires_at'> {
  const { deprecated, retired } = getLifecycle(model, 'anthropic', day)
  // A response of that day cannot contain what was announced later.
  const isAnnounced = deprecated !== null && deprecated <= day
  return {
    lifecycle: getListedStatus(model, day) ?? 'active',
    deprecated_at: isAnnounced ? formatTime(deprecated) : null,
    retires_at: isAnnounced ? formatTime(retired) : null,
  }
}

function formatTime(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00Z`
}
