import { getDay } from '../day.ts'
import { fastPricesOn } from '../pricing/fast-mode.ts'
import { getLifecycle } from '../lifecycle/lifecycle.ts'
import { limitOn } from '../tokens/limit.ts'
import { idOn } from './entry.ts'
import type { Model } from '../model.ts'
import type { TokenPrices } from '../pricing/rate-card.ts'
import { valueOn } from '../effective-dated.ts'

export type ComparedValue = string | number | boolean | null

/** One fact of every model, in the order of the models. */
export interface ComparisonRow {
  readonly field: string
  readonly values: readonly ComparedValue[]
  readonly differs: boolean
}

/** Compares the facts of models side by side, as of a day (default today); null means unknown or absent. */
export function compare(
  models: readonly Model[],
  options: { readonly asOf?: string | undefined } = {},
): readonly ComparisonRow[] {
  const day = getDay(options.asOf)
  return fields.map(([field, read]) => {
    const values = models.map((model) => read(model, day))
    return { field, values, differs: new Set(values).size > 1 }
  })
}

type Field = readonly [field: string, read: (model: Model, day: string) => ComparedValue]

const fields: readonly Field[] = [
  ['name', (model) => model.displayName],
  ['id', (model) => model.id],
  ['bedrock_id', (model, day) => idOn(model, 'bedrock', day)],
  ['vertex_id', (model, day) => idOn(model, 'vertex', day)],
  ['foundry_id', (model, day) => idOn(model, 'foundry', day)],
  ['family', (model) => model.family],
  ['access', (model) => model.access],
  ['released', (model) => model.lifecycle.anthropic.released],
  ['status', (model, day) => getLifecycle(model, 'anthropic', day).status],
  ['deprecated', (model, day) => getLifecycle(model, 'anthropic', day).deprecated],
  ['retired', (model, day) => getLifecycle(model, 'anthropic', day).retired],
  ['retired_not_before', (model) => model.lifecycle.anthropic.notBefore],
  ['replacement', (model, day) => getLifecycle(model, 'anthropic', day).replacement],
  ['context_window_tokens', (model, day) => limitOn(model.contextWindow, day).tokens],
  ['context_window_beta', (model, day) => betaText(model.contextWindow, day)],
  ['max_output_tokens', (model, day) => limitOn(model.maxOutput, day).tokens],
  ['max_output_beta', (model, day) => betaText(model.maxOutput, day)],
  ['max_output_in_batches', (model) => model.maxOutput.batch?.tokens ?? null],
  ['min_cacheable_tokens', (model) => model.minCacheableTokens],
  ['tool_prompt_tokens', (model, day) => valueOn(model.toolPromptTokens, day)?.auto ?? null],
  ['training_cutoff', (model) => model.trainingCutoff],
  ['reliable_knowledge', (model) => model.reliableKnowledge],
  ['comparative_latency', (model) => model.comparativeLatency],
  ['priority_tier', (model) => model.priorityTier],
  ...priceFields(),
  ['regional_premium', (model) => model.regionalPremium],
  ['thinking_types', (model) => model.thinking?.types.join(', ') ?? null],
  ['thinking_default', (model) => model.thinking?.default ?? null],
  ['thinking_shown', (model) => model.thinking?.shown ?? null],
  ['interleaved_thinking_beta', (model) => model.thinking?.interleaved ?? null],
  ['effort_levels', (model) => model.effort?.levels.join(', ') ?? null],
  ['effort_default', (model) => model.effort?.default ?? null],
  ['sampling', (model) => model.behaviour.sampling],
  ['prefill', (model) => model.behaviour.prefill],
  ['forced_tool_choice', (model) => model.behaviour.forcedToolChoice],
  ['overflow', (model) => model.behaviour.overflow],
  ['inference_geo', (model) => model.behaviour.inferenceGeo],
  ['structured_outputs', (model) => model.behaviour.structuredOutputs.supported],
  ['citations', (model) => model.behaviour.citations],
  ['refused_tools', (model) => model.behaviour.refusedTools.map(({ tool }) => tool).join(', ') || null],
  ['image_detail', (model) => model.imageDetail],
]

function priceFields(): readonly Field[] {
  const components: readonly (keyof TokenPrices)[] = [
    'input',
    'cache_write_5m',
    'cache_write_1h',
    'cache_read',
    'output',
  ]
  const cardOn = (model: Model, day: string) => valueOn(model.rateCards, day)
  return [
    ...components.map((name): Field => [
      `price_${name}`,
      (model, day) => cardOn(model, day)?.standard[name] ?? null,
    ]),
    ['price_step_above_tokens', (model, day) => cardOn(model, day)?.steps?.[0]?.abovePromptTokens ?? null],
    ['price_batch_input', (model, day) => cardOn(model, day)?.batch?.input ?? null],
    ['price_batch_output', (model, day) => cardOn(model, day)?.batch?.output ?? null],
    ['price_fast_input', (model, day) => fastPricesOn(model, day)?.input ?? null],
    ['price_fast_output', (model, day) => fastPricesOn(model, day)?.output ?? null],
  ]
}

function betaText(limit: Model['contextWindow'], day: string): string | null {
  const { beta } = limitOn(limit, day)
  if (beta === null || (beta.until !== null && day >= beta.until)) return null
  return `${beta.tokens} with ${beta.header}`
}
