import { computePrice, limitOn, nameOn, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Check, ConformProtocol, ModelFacts, Target } from './check.ts'

/** A cheap model that thinks and is offered on every platform. */
export const defaultModel = 'claude-haiku-4-5'

/** The name of a model in a protocol; a name that the catalog does not know stays as it is. */
export function nameModel(name: string, protocol: ConformProtocol): string {
  const found = resolve(name)
  if (!found.ok || found.as === 'bedrock' || found.as === 'vertex') return name
  if (protocol === 'messages') return name
  return nameOn(found.model, protocol, protocol === 'bedrock' ? { region: 'us-east-1' } : {}) ?? name
}

export function describeFacts(name: string, day: string): ModelFacts {
  const found = resolve(name)
  if (!found.ok) return cautiousFacts
  const { model } = found
  return {
    contextTokens: limitOn(model.contextWindow, day).tokens,
    maxOutputTokens: limitOn(model.maxOutput, day).tokens,
    thinking: describeThinking(model),
    forcesTools: model.behaviour.forcedToolChoice === 'always' || model.thinking?.default === 'off',
  }
}

/** An unknown model may have a small window; its thinking is not asked for. */
const cautiousFacts: ModelFacts = {
  contextTokens: 1_000_000,
  maxOutputTokens: 4_096,
  thinking: null,
  forcesTools: false,
}

function describeThinking({ thinking }: Model): ModelFacts['thinking'] {
  if (thinking === null) return null
  if (thinking.types.includes('adaptive')) return { value: { type: 'adaptive' }, maxTokens: 1_500 }
  if (!thinking.types.includes('enabled')) return null
  const budget = thinking.minBudgetTokens ?? 1_024
  return { value: { type: 'enabled', budget_tokens: budget }, maxTokens: budget + 200 }
}

/** The highest cost of the checks in nano-dollars, by the published prices; null: no price is known. */
export function estimateCost(checks: readonly Check[], name: string): bigint | null {
  const found = resolve(name)
  if (!found.ok) return null
  let [input, output] = [0, 0]
  for (const { tokens } of checks) {
    input += tokens?.input ?? 0
    output += tokens?.output ?? 0
  }
  const price = computePrice({ input_tokens: input, output_tokens: output }, found.model)
  return price.ok ? price.totalNanoUsd : null
}

export type { Target }
