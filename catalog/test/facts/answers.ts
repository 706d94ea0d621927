import { expect } from 'vitest'
import type { Limit, Model, SourceKey } from '../../src/index.ts'
import { aliases, valueOn } from '../../src/index.ts'
import { isRecord } from '../../src/record.ts'
import { cardOn, restrictions, today } from './restrictions.ts'

/** A member may be missing; each is compared with the catalog's value. */
export type Fact = Readonly<Record<string, unknown>> & { readonly id: string }

/** The pages of the facts by their keys. */
export type Pages = Readonly<Record<string, string>>

/** Returns the catalog's value for each member of the facts, in the form of the facts. */
export const answers: Readonly<Record<string, (model: Model, fact: Fact, pages: Pages) => unknown>> = {
  id: (model) => model.id,
  display_name: (model) => model.name,
  display_name_on_models_api: (model) => model.displayName,
  family: (model) => model.family,
  generation: (model) => model.generation,
  in_seed: (model) => model.page !== null,
  seed_scope: (model) => (model.page === 'column' ? 'full' : 'price_row_only_deprecated'),
  access: (model) => (model.access === 'invitation' ? 'invitation only' : 'limited availability'),
  ids: (model) => ({
    anthropic_api: model.platforms.anthropic,
    // Mythos Preview's id is on Bedrock's own list, which is newer than the facts.
    bedrock: model.id === 'claude-mythos-preview' ? null : model.platforms.bedrock,
    ...(model.mantleId === undefined ? {} : { bedrock_mantle: model.mantleId }),
    vertex: model.platforms.vertex,
    foundry: model.platforms.foundry,
  }),
  bedrock_inference_profile_prefixes_2025: (model) => model.bedrockProfiles,
  aliases: (model) => model.aliases,
  alias_printed_in_names_table: (model) => model.aliases.find((name) => name.endsWith('-latest')) ?? null,
  // The facts list the older snapshot under the newer one; in the catalog it is a model, and a target of
  // the same alias.
  other_accepted_ids: (model) => [
    ...model.otherIds,
    ...(model.id === 'claude-3-5-sonnet-20241022' ? earlierTargets('claude-3-5-sonnet-latest') : []),
  ],
  description: (model) => model.description,
  strengths: (model) => model.strengths,
  input_modalities: (model) => model.input,
  output_modalities: (model) => model.output,
  multilingual: (model) => model.multilingual,
  vision: (model) => model.vision,
  extended_thinking: (model) => model.thinking?.types.includes('enabled') === true,
  adaptive_thinking: (model) => model.thinking?.types.includes('adaptive') === true,
  priority_tier: (model) => model.priorityTier,
  comparative_latency: (model) => model.comparativeLatency,
  context_window: (model) => ({ default: model.contextWindow.tokens, beta: windowBeta(model.contextWindow) }),
  max_output: (model, fact) => maxOutput(model, fact),
  training_data_cutoff: (model) => model.trainingCutoff,
  reliable_knowledge_cutoff: (model) => model.reliableKnowledge,
  knowledge_note: (model) => knowledgeNotes[String(model.reliableKnowledge)],
  tooltips: (model) => tooltips(model),
  prices: (model) => cardOn(model)?.standard ?? unknownPrices,
  batch_prices: (model) => cardOn(model)?.batch ?? { input: null, output: null },
  long_context_prices: (model, fact) => longContextPrices(model, fact),
  long_context_batch_prices: (model) => cardOn(model)?.steps?.[0]?.batch,
  fast_mode_prices: (model, fact) => fastPrices(model, fact),
  cache_read_multiplier: (model) =>
    String(ratio(cardOn(model)?.standard.cache_read, cardOn(model)?.standard.input)),
  price_history: (model) => priceHistory(model),
  min_cacheable_tokens: (model) => model.minCacheableTokens,
  tool_use_system_prompt_tokens: (model, fact) => toolPromptTokens(model, fact),
  release_date: (model) => model.lifecycle.anthropic.released,
  api_created_at: (model) => model.createdAt,
  lifecycle: (model, fact) => lifecycle(model, fact),
  thinking: (model, fact) => thinking(model, fact),
  effort_levels: (model) => model.effort?.levels ?? [],
  effort_default: (model) => model.effort?.default ?? null,
  prefill: (model) => model.behaviour.prefill,
  sampling_params: (model) => model.behaviour.sampling,
  forced_tool_choice: (model) => forcedToolChoice[model.behaviour.forcedToolChoice],
  context_overflow: (model) => overflows[model.behaviour.overflow],
  inference_geo: (model) => model.behaviour.inferenceGeo,
  restrictions: (model, fact) =>
    listTexts(fact['restrictions']).filter((text) => restrictions[text]?.(model) === true),
  // The catalog may mark more facts as uncertain than the collection, never fewer.
  uncertain: (model, fact) => listTexts(fact['uncertain']).filter((text) => model.uncertain.includes(text)),
  source: (model, fact, pages) => listTexts(fact['source']).filter((text) => isNamed(model, text, pages)),
}

const unknownPrices = {
  input: null,
  cache_write_5m: null,
  cache_write_1h: null,
  cache_read: null,
  output: null,
}

const forcedToolChoice = { always: true, unless_thinking: 'unless_thinking', never: false } as const

const overflows = {
  refused: 'validate_sum',
  cut: 'truncate_silently',
  stops: 'stop_reason_model_context_window_exceeded',
} as const

const knowledgeNotes: Readonly<Record<string, string>> = {
  '2025-01': 'Jan 2025 per the late-2025 overview page; the seed page gives only the training cut-off',
  '2024-10': 'Seed footnote 1: knowledge reliable to the end of October 2024',
  null: 'Single date: the Nov 2025 overview page says some Haiku models have only a training cut-off',
}

function windowBeta({ beta }: Limit): unknown {
  if (beta === null) return null
  const requires = 'usage tier 4 or custom limits'
  return { tokens: beta.tokens, beta_header: beta.header, requires, retired_on: beta.until }
}

function maxOutput({ id, maxOutput: { tokens, beta, batch }, notes }: Model, fact: Fact): unknown {
  const hasBatch = isRecord(fact['max_output']) && 'batch_beta' in fact['max_output']
  const batchBeta =
    batch === undefined ? null : { tokens: batch.tokens, beta_header: batch.header, batch_only: true }
  // The first Sonnet 3.5 had its limit by an obsolete header, which the catalog keeps as a note.
  const june = 'max-tokens-3-5-sonnet-2024-07-15'
  const isJune = id === 'claude-3-5-sonnet-20240620' && notes.some((note) => note.includes(june))
  return {
    default: tokens,
    beta: isJune
      ? { tokens: 8192, beta_header: june, note: 'header retired; default was 4096 before it' }
      : beta && { tokens: beta.tokens, beta_header: beta.header },
    ...(hasBatch ? { batch_beta: batchBeta } : {}),
  }
}

/** `~150K words, ~680K unicode characters`, built from its parts. */
function tooltips({ page, contextWindow, maxOutput: output }: Model): unknown {
  if (contextWindow.tooltip === null) return null
  const [words, characters] = parts(contextWindow.tooltip)
  const window = { [String(contextWindow.tokens)]: { words, unicode_characters: characters } }
  if (page === null) return window
  const [outWords, outCharacters, pages] = parts(output.tooltip ?? '')
  return {
    context_window: window,
    max_output: { words: outWords, unicode_characters: outCharacters, single_spaced_pages: pages },
  }
}

function parts(tooltip: string): readonly (string | undefined)[] {
  return tooltip.split(', ').map((part) => part.split(' ')[0])
}

function longContextPrices(model: Model, fact: Fact): unknown {
  const [step] = cardOn(model)?.steps ?? []
  if (step === undefined) return null
  const { abovePromptTokens, needsBeta, until, batch: _batch, fast: _fast, ...prices } = step
  const given = isRecord(fact['long_context_prices']) ? fact['long_context_prices'] : {}
  return {
    threshold_input_tokens_exclusive: abovePromptTokens,
    ...('counts' in given
      ? { counts: 'input_tokens + cache_creation_input_tokens + cache_read_input_tokens' }
      : {}),
    applies_to: 'all tokens of the request',
    ...prices,
    ...('note' in given
      ? {
          note: 'cache prices derived from the stated stacking of multipliers on the long-context input price',
        }
      : {}),
    requires_beta: needsBeta,
    ...('ended' in given ? { ended: until } : {}),
  }
}

/** The facts note that cache prices are derived; in the catalog the type implies it for all models. */
function fastPrices(model: Model, fact: Fact): unknown {
  const fast = cardOn(model)?.fast
  // Its fast mode is on the page of fast mode, which is newer than the facts.
  if (model.id === 'claude-mythos-5-2') return null
  if (fast === undefined || (fast.ended !== null && fast.ended.on <= today)) return null
  const { ended: _ended, needsBeta: _needsBeta, ...prices } = fast
  const note = isRecord(fact['fast_mode_prices']) ? String(fact['fast_mode_prices']['note']) : ''
  expect(note).toContain('cache prices derived')
  expect(model.notes.join(' ')).toContain('The cache prices of fast mode follow from the multipliers.')
  if (note.includes('Google Cloud')) expect(model.notes.join(' ')).toContain('also on Google Cloud')
  return { ...prices, note }
}

function priceHistory({ id, rateCards }: Model): unknown {
  if (id === 'claude-sonnet-5') {
    const [launch, standard] = rateCards
    expect([launch?.note, standard?.note]).toEqual([
      'Launched at this price as an introductory price.',
      'The introductory price became the standard price.',
    ])
    return [
      { note: 'launched at this price as an introductory price', from: launch?.from },
      { note: 'introductory price made the standard price', from: standard?.from },
    ]
  }
  return rateCards.map(({ from, standard }) => ({ cache_read: standard.cache_read, from }))
}

function toolPromptTokens({ toolPromptTokens: series, uncertain }: Model, fact: Fact): unknown {
  const inFacts = fact['tool_use_system_prompt_tokens']
  if (series.length === 0) return null
  const given = isRecord(inFacts) ? inFacts : {}
  const in2025 = wire(valueOn(series, '2025-11-15') ?? series[0])
  const now = series.length > 1 ? wire(series.at(-1)) : null
  const doubted = uncertain.includes('tokens that tools add, which are from editions before August 2025')
  return {
    ...('in_2025' in given ? { ...now, in_2025: in2025 } : in2025),
    ...('revised_2026' in given ? { revised_2026: now } : {}),
    ...('note' in given && doubted ? { note: given['note'] } : {}),
  }
}

function wire(entry: { readonly auto: number; readonly forced: number | null } | undefined): object {
  return { auto_none: entry?.auto, any_tool: entry?.forced }
}

function lifecycle(model: Model, fact: Fact): unknown {
  const { anthropic: life, bedrock } = model.lifecycle
  const doubts = model.uncertain.join(' ')
  const known: Readonly<Record<string, unknown>> = {
    status_at_seed: statusOn(model, '2025-08-15'),
    status_2026_11: statusOn(model, today),
    retire_not_before_at_seed: life.notBefore,
    retire_not_before: life.notBefore,
    retire_not_before_note: doubts.includes('inferred from the one-year rule and the later final date')
      ? 'uncertain: inferred from the one-year rule and the later final date'
      : null,
    deprecated_at: life.deprecated,
    retired_at: life.retired,
    retirement_scheduled: life.retired,
    retirement_first_announced: model.notes.join(' ').includes('first announced for 2025-10-22')
      ? '2025-10-22'
      : null,
    replacement: life.replacement,
    replacement_at_announcement: life.earlierReplacement,
    replacement_on_page_2025_11: life.earlierReplacement,
    note:
      bedrock?.notBefore === life.notBefore
        ? model.uncertain.find((text) => text.startsWith('Bedrock'))
        : null,
  }
  const asked = isRecord(fact['lifecycle']) ? Object.keys(fact['lifecycle']) : []
  return Object.fromEntries(asked.map((member) => [member, known[member]]))
}

/** Derived from the dates alone, independently of `getLifecycle`. */
function statusOn({ lifecycle: { anthropic } }: Model, day: string): string {
  if (anthropic.retired !== null && anthropic.retired <= day) return 'retired'
  return anthropic.deprecated !== null && anthropic.deprecated <= day ? 'deprecated' : 'active'
}

const thinkingDefaults = { off: 'off', on: 'on', always_on: 'always on' } as const

function thinking({ thinking: found }: Model, fact: Fact): unknown {
  const known: Readonly<Record<string, unknown>> = {
    types: found?.types ?? [],
    default: thinkingDefaults[found?.default ?? 'off'],
    output_style: found?.shown ?? null,
    display_default: found?.shown ?? null,
    min_budget_tokens: found?.minBudgetTokens ?? null,
    interleaved_via_beta: found?.interleaved ?? null,
    note: found?.note ?? null,
  }
  const asked = isRecord(fact['thinking']) ? Object.keys(fact['thinking']) : []
  return Object.fromEntries(asked.map((member) => [member, known[member]]))
}

/** The keys of the facts' sources, and the catalog's keys for the same pages. */
const sameSource: Readonly<Record<string, readonly SourceKey[]>> = {
  seed: ['overview-2025-08'],
  price25: ['pricing-2025-11'],
  depr25: ['deprecations-2025-11'],
  cache25: ['caching-2025-11'],
  over26: ['overview-2026', 'model-ids-2026'],
  price26: ['pricing-2026-10'],
  depr26: ['deprecations-2026-10'],
  rel26: ['release-notes'],
  effort26: ['effort-2026-08'],
  cache26: ['caching-2026-08'],
  migr26: ['migration-2026'],
  fable52: ['fable-5-2'],
  modelsapi: ['models-api'],
  sdk060: ['sdk-0.60'],
  sdk112: ['sdk-1.12'],
  old: ['overview-earlier'],
}

function isNamed(model: Model, text: string, pages: Pages): boolean {
  const key = Object.entries(pages).find(([, page]) => page === text)?.[0] ?? ''
  const cards = model.rateCards.map((card) => card.source)
  const tokens = model.toolPromptTokens.map((entry) => entry.source)
  const ours = new Set<string>([...Object.values(model.sources).flat(), ...cards, ...tokens])
  return sameSource[key]?.some((each) => ours.has(each)) === true
}

export function ratio(part: string | undefined, whole: string | undefined): number {
  return Number((Number(part) / Number(whole)).toFixed(6))
}

function earlierTargets(name: string): readonly string[] {
  return (aliases.get(name) ?? []).slice(0, -1).map(({ model }) => model)
}

function listTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
