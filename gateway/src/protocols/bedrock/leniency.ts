import { isProfileOnly, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { bedrockTexts } from '@anthology/wire'
import type { BedrockModelId, ModelOperation } from '@anthology/wire'

/**
 * What Amazon Bedrock would refuse about the id of a model and this gateway does
 * not: the model is found by any of its names, and no account's regions matter.
 */
export function listLeniencies({ text, kind, profile }: BedrockModelId, operation: ModelOperation): string[] {
  const found = resolve(text)
  if (!found.ok) return []
  if (found.as !== 'bedrock') return [`Amazon Bedrock would not know ${text}; ${describeName(found.model)}`]
  const namesProfile = kind === 'profile' || profile !== null
  // "Count tokens" of the Amazon Bedrock guide (2026): ids of foundation models alone.
  if (operation === 'count_tokens')
    return namesProfile ? ['Amazon Bedrock would count tokens for the id without its prefix alone'] : []
  if (namesProfile || !isProfileOnly(found.model)) return []
  return [`Amazon Bedrock would answer: ${bedrockTexts.onDemand(text).replace('’', "'")}`]
}

/** Bedrock takes version 2026-10-21 from Claude 4.7 on (release notes of `@anthropic-ai/bedrock-sdk` 1.0, October 2026). */
export function versionLeniency(name: string, version: string): string[] {
  if (version === '2023-06-01')
    return ['Amazon Bedrock would refuse anthropic_version 2023-06-01, which is bedrock-2023-05-31 there']
  if (version !== '2026-10-21') return []
  const found = resolve(name)
  if (!found.ok || !isBefore47(found.model)) return []
  return [
    `Amazon Bedrock would refuse anthropic_version 2026-10-21 for ${found.model.id}, which is older than Claude 4.7`,
  ]
}

function isBefore47({ generation }: Model): boolean {
  return Number.parseFloat(generation) < 4.7
}

function describeName({ name, platforms }: Model): string {
  return platforms.bedrock === null ? `${name} is not offered there` : `${name} is ${platforms.bedrock} there`
}
