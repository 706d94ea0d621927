import { isProfileOnly, noticeUnlistedProfile } from '@anthology/catalog'
import type { Model, Resolution } from '@anthology/catalog'
import { bedrockTexts } from '@anthology/wire'
import type { BedrockModelId, ModelOperation } from '@anthology/wire'

/**
 * Describes model ids that Amazon Bedrock would reject and this gateway accepts: any
 * name of a model resolves, and the regions of an AWS account do not matter.
 */
export function listLeniencies(
  { text, profile }: BedrockModelId,
  found: Resolution,
  operation: ModelOperation,
): string[] {
  if (!found.ok || found.as === 'own_alias') return []
  if (found.as !== 'bedrock') return [`Amazon Bedrock would not know ${text}; ${describeName(found.model)}`]
  // Amazon Bedrock guide, "Count tokens" (2026): only ids of foundation models.
  if (operation === 'count_tokens')
    return profile !== null ? ['Amazon Bedrock would count tokens only for the id without its prefix'] : []
  if (profile !== null) {
    const notice = noticeUnlistedProfile(found.model, profile)
    return notice === null ? [] : [notice]
  }
  if (!isProfileOnly(found.model)) return []
  return [`Amazon Bedrock would answer: ${bedrockTexts.onDemand(text).replace('’', "'")}`]
}

/** Bedrock accepts version 2026-10-21 for Claude 4.7 and later (`@anthropic-ai/bedrock-sdk` 1.0 release notes, Oct 2026). */
export function versionLeniency(found: Resolution, version: string): string[] {
  if (version === '2023-06-01')
    return ['Amazon Bedrock would reject anthropic_version 2023-06-01; use bedrock-2023-05-31 there']
  if (version !== '2026-10-21' || !found.ok || !isBefore47(found.model)) return []
  return [
    `Amazon Bedrock would reject anthropic_version 2026-10-21 for ${found.model.id}, which is older than Claude 4.7`,
  ]
}

function isBefore47({ generation }: Model): boolean {
  return Number.parseFloat(generation) < 4.7
}

function describeName({ name, platforms }: Model): string {
  return platforms.bedrock === null ? `${name} is not offered there` : `${name} is ${platforms.bedrock} there`
}
