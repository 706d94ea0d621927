import { betaOn, betaStateOn, findBeta } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'

/** The betas for a platform, in its names, and a description of those that it does not get. */
export interface PlatformBetas {
  readonly betas: readonly string[]
  readonly notices: readonly string[]
}

/** An operator's own rows: the name at the upstream, or false to leave the beta out. */
export type BetaOverrides = ReadonlyMap<string, string | false>

/**
 * Selects the betas for an upstream, because a single one that it does not know fails the whole request. Left out are
 * those that the catalog knows to be rejected there, and for Bedrock and Vertex AI, those without an effect any more
 * unless they are known to be accepted. Betas of which nothing is known are left to the platform. The Claude API gets every beta, as sent.
 */
export function selectBetas(
  betas: readonly string[],
  platform: Platform,
  overrides: BetaOverrides = noOverrides,
): PlatformBetas {
  if (betas.length === 0 || (platform === 'anthropic' && overrides.size === 0)) return { betas, notices: [] }
  const names = new Set<string>()
  const notices: string[] = []
  for (const value of betas) {
    const name = overrides.get(value) ?? getName(value, platform)
    if (name === false) notices.push(`${platform} does not accept the beta ${value}, which was left out`)
    else names.add(name)
  }
  return { betas: [...names], notices }
}

const noOverrides: BetaOverrides = new Map()

function getName(value: string, platform: Platform): string | false {
  const beta = findBeta(value)
  if (platform === 'anthropic' || beta === null) return value
  const name = betaOn(value, platform)
  if (name !== null) return name
  // Foundry passes the values of the Claude API.
  return platform !== 'foundry' && betaStateOn(beta) === 'idle' ? false : value
}
