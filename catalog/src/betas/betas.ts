import type { Beta, BetaForm } from './beta.ts'
import { betasOf2025 } from './betas-2025.ts'
import { betasOf2026 } from './betas-2026.ts'
import { getDay } from '../day.ts'
import type { Platform } from '../model.ts'

/** Every known value of `anthropic-beta`, oldest table first. */
export const betas: readonly Beta[] = [...betasOf2025, ...betasOf2026]

/** `needed`: required by a feature; `idle`: accepted without effect. */
export type BetaState = 'not_yet' | 'needed' | 'idle'

/** Finds the row of a value; null for an unannounced one, which the Claude API rejects. Values are case-sensitive. */
export function findBeta(value: string): Beta | null {
  return byValue.get(value) ?? null
}

/** The effect of a value on a day (default today). */
export function betaStateOn({ from, generalSince, endedOn }: Beta, asOf?: string): BetaState {
  const day = getDay(asOf)
  if (day < from) return 'not_yet'
  return [generalSince, endedOn].some((since) => since !== null && day >= since) ? 'idle' : 'needed'
}

/** The value's name on a platform: false if the platform rejects it, null if that is not known. */
export function betaOn(value: string, platform: Platform): string | false | null {
  const form: BetaForm = byValue.get(value)?.platforms[platform] ?? null
  return form === true ? value : form
}

const byValue: ReadonlyMap<string, Beta> = new Map(betas.map((each) => [each.value, each]))
