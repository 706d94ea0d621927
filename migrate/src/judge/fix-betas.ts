import { betaStateOn, findBeta } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

/** Values that do nothing on models that have their feature built in, or do not have it at all. */
const harmless: ReadonlySet<string> = new Set([
  'output-128k-2025-02-19',
  'token-efficient-tools-2025-02-19',
  'max-tokens-3-5-sonnet-2024-07-15',
  'context-1m-2025-08-07',
])

/** Why a value of `anthropic-beta` has no effect on the target any more, in one sentence; null: it may have one. */
export function explainIdleBeta(value: string, target: Model | null, day: string): string | null {
  const beta = findBeta(value)
  if (beta === null) return null
  if (betaStateOn(beta, day) === 'idle') {
    const since = beta.endedOn ?? beta.generalSince ?? ''
    return beta.endedOn === null
      ? `The beta ${value} is not needed since ${since}.`
      : `The beta ${value} ended on ${since}.`
  }
  if (target === null) return null
  if (harmless.has(value) && beta.models?.includes(target.id) === false)
    return `The beta ${value} has no effect on ${target.name}.`
  if (value === 'interleaved-thinking-2025-05-14' && target.thinking?.types.includes('enabled') === false)
    return `The beta ${value} has no effect on ${target.name}, which thinks between tool calls by itself.`
  return null
}

/** The header that a version of the computer tool requires. */
export const computerBetas: Readonly<Record<string, string>> = {
  computer_20241022: 'computer-use-2024-10-22',
  computer_20250124: 'computer-use-2025-01-24',
  computer_20251124: 'computer-use-2025-11-24',
}
