import { getDay } from '../day.ts'
import { fastPricesOn } from '../pricing/fast-mode.ts'
import { statusOn } from '../lifecycle/lifecycle.ts'
import { limitOn } from '../tokens/limit.ts'
import type { Family, LifecycleStatus, Model, Platform } from '../model.ts'
import { models } from '../models.ts'
import { parseUsdPerMTok } from '../pricing/money.ts'
import { valueOn } from '../effective-dated.ts'

export type Ability = keyof typeof abilities

export interface ListFilter {
  readonly family?: Family | undefined
  /** Models offered on this platform; the status is then the one there. */
  readonly platform?: Platform | undefined
  /** Default: any but `unreleased`. */
  readonly status?: LifecycleStatus | readonly LifecycleStatus[] | undefined
  /** Models that have all of these. */
  readonly abilities?: readonly Ability[] | undefined
  /** Minimum context window in tokens, without a beta. */
  readonly contextTokens?: number | undefined
  /** Maximum input price in USD per million tokens, e.g. `3` or `0.25`; a model without a known price is left out. */
  readonly inputUsdPerMTok?: string | undefined
  readonly outputUsdPerMTok?: string | undefined
  /** Default today. */
  readonly asOf?: string | undefined
}

/** Lists the matching models, newest first. */
export function list(filter: ListFilter = {}): readonly Model[] {
  const day = getDay(filter.asOf)
  return models.filter((model) =>
    [hasFamily, hasStatus, hasAbilities, hasWindow, hasPrice].every((fits) => fits(model, filter, day)),
  )
}

/** Abilities of a model; an unknown one counts as missing. */
const abilities = {
  vision: (model) => model.vision,
  thinking: (model) => model.thinking !== null,
  extended_thinking: (model) => model.thinking?.types.includes('enabled') === true,
  adaptive_thinking: (model) => model.thinking?.types.includes('adaptive') === true,
  effort: (model) => model.effort !== null,
  fast: (model, day) => fastPricesOn(model, day) !== undefined,
  batch_300k: (model) => model.maxOutput.batch !== undefined,
  structured_outputs: (model) => model.behaviour.structuredOutputs.supported === true,
  citations: (model) => model.behaviour.citations,
  prefill: (model) => model.behaviour.prefill,
  sampling: (model) => model.behaviour.sampling !== 'default_only',
  forced_tool_choice: (model) => model.behaviour.forcedToolChoice !== 'never',
  inference_geo: (model) => model.behaviour.inferenceGeo,
  priority_tier: (model) => model.priorityTier === true,
} as const satisfies Record<string, (model: Model, day: string) => boolean>

/** The names that `abilities` may have. */
// `Object.keys` returns strings because an object may have more members than its type; this literal does
// not.
export const abilityNames = Object.keys(abilities) as readonly Ability[]

function hasFamily({ family }: Model, filter: ListFilter): boolean {
  return filter.family === undefined || filter.family === family
}

function hasStatus(model: Model, { platform, status }: ListFilter, day: string): boolean {
  if (platform !== undefined && model.platforms[platform] === null) return false
  const found = statusOn(model, day, platform)
  return status === undefined ? found !== 'unreleased' : [status].flat().includes(found)
}

function hasAbilities(model: Model, filter: ListFilter, day: string): boolean {
  return (filter.abilities ?? []).every((ability) => abilities[ability](model, day))
}

function hasWindow({ contextWindow }: Model, { contextTokens }: ListFilter, day: string): boolean {
  return contextTokens === undefined || limitOn(contextWindow, day).tokens >= contextTokens
}

function hasPrice({ rateCards }: Model, filter: ListFilter, day: string): boolean {
  const { inputUsdPerMTok, outputUsdPerMTok } = filter
  const standard = valueOn(rateCards, day)?.standard
  return isAtMost(standard?.input, inputUsdPerMTok) && isAtMost(standard?.output, outputUsdPerMTok)
}

function isAtMost(price: string | undefined, most: string | undefined): boolean {
  if (most === undefined) return true
  return price !== undefined && parseUsdPerMTok(price) <= parseUsdPerMTok(most)
}
