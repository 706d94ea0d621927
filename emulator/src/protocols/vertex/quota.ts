import type { Model } from '@anthology/catalog'
import { googleTexts } from '@anthology/wire'

import { getReachedLimit } from '../cloud/reached-limit.ts'

/**
 * Returns Google Cloud's error text for an exhausted quota, from the text of the corresponding rate limit. Quotas apply
 * per project, location and base model ("Quotas for Claude models", 2026).
 */
export function getQuotaText(message: string, model: Model, location: string): string {
  return describeQuota(getReachedLimit(message) ?? 'requests', model, location)
}

/** Returns the same text for a limit. */
export function describeQuota(limit: keyof typeof quotas, model: Model, location: string): string {
  const scope = isGlobal(location) ? 'global_' : ''
  const what = quotas[limit]
  return googleTexts.quotaExceeded(`${scope}online_prediction_${what}`, getBaseModel(model, location))
}

/** The name for output is inferred from that for input. */
const quotas = {
  requests: 'requests_per_base_model',
  'input tokens': 'input_tokens_per_minute_per_base_model',
  'output tokens': 'output_tokens_per_minute_per_base_model',
} as const

function isGlobal(location: string): boolean {
  return location === 'global' || location === 'us' || location === 'eu'
}

/** Newer models share the quota of their family, except on regional endpoints. */
function getBaseModel({ id, family, platforms, lifecycle }: Model, location: string): string {
  const isShared = isGlobal(location) && lifecycle.anthropic.released > sharedSince
  return isShared
    ? `anthropic-claude-${family}`
    : `anthropic-${(platforms.vertex ?? id).replace(/@\d{8}$/, '')}`
}

const sharedSince = '2026-05-26'
