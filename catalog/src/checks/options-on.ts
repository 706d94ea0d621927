import { betaStateOn, findBeta } from '../betas/betas.ts'
import type { Behaviour, EffortLevel, Model } from '../model.ts'
import { limitOn } from '../tokens/limit.ts'

/** The options of a request that a model takes on a day without a beta header. */
export interface ModelOptions {
  /** The maximum of `max_tokens`. */
  readonly maxTokens: number
  /** The levels of `output_config.effort`, lowest first. */
  readonly efforts: readonly EffortLevel[]
  /** Whether `output_config.format` is accepted. */
  readonly jsonSchema: boolean
  readonly sampling: Behaviour['sampling']
  /** The `thinking.type` that switches thinking off; `default`: it is off by itself, null: it cannot be off. */
  readonly thinkingOff: 'default' | 'disabled' | 'between_tools' | null
}

/** For translations from other protocols, which leave out what the model would reject. */
export function optionsOn(model: Model, day: string): ModelOptions {
  const { effort, behaviour, maxOutput } = model
  const formatBeta = findBeta('structured-outputs-2025-11-13')
  const isGeneral = formatBeta !== null && betaStateOn(formatBeta, day) === 'idle'
  return {
    maxTokens: limitOn(maxOutput, day).tokens,
    efforts: effort !== null && (effort.beta === null || day >= effort.beta.until) ? effort.levels : [],
    jsonSchema: behaviour.structuredOutputs.supported === true && isGeneral,
    sampling: behaviour.sampling,
    thinkingOff: findThinkingOff(model),
  }
}

function findThinkingOff({ thinking }: Model): ModelOptions['thinkingOff'] {
  if (thinking === null || thinking.default === 'off') return 'default'
  return (['disabled', 'between_tools'] as const).find((type) => thinking.types.includes(type)) ?? null
}
