import type { Beta, BetaForm } from './beta.ts'
import { betasOf2025 } from './betas-2025.ts'
import { betasOf2026 } from './betas-2026.ts'
import { getDay } from '../day.ts'
import type { Platform } from '../model.ts'

/** Every value of `anthropic-beta` that was found, oldest table first. */
export const betas: readonly Beta[] = [...betasOf2025, ...betasOf2026]

/** `needed`: it switches something on; `idle`: it is accepted and changes nothing. */
export type BetaState = 'not_yet' | 'needed' | 'idle'

/** The row of a value; null for one that nobody named, which the Claude API refuses. Values are case-sensitive. */
export function findBeta(value: string): Beta | null {
  return byValue.get(value) ?? null
}

/** What a value does on a day, default today. */
export function betaStateOn({ from, generalSince, endedOn }: Beta, asOf?: string): BetaState {
  const day = getDay(asOf)
  if (day < from) return 'not_yet'
  return [generalSince, endedOn].some((since) => since !== null && day >= since) ? 'idle' : 'needed'
}

/** What a platform wants to read for a value: the name there, false where it refuses it, null where it is not known. */
export function betaOn(value: string, platform: Platform): string | false | null {
  const form: BetaForm = byValue.get(value)?.platforms[platform] ?? null
  return form === true ? value : form
}

const byValue: ReadonlyMap<string, Beta> = new Map(betas.map((each) => [each.value, each]))
