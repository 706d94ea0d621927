import type { Model, Platform } from '../../model.ts'
import type { FactGroup, SourceKey } from '../../sources.ts'
import { formPlatformIds, removeDate } from './platform-ids.ts'
import type { RateCardFacts } from './rate-card.ts'
import { completeRateCard } from './rate-card.ts'

/** The values of the members that a model file may leave out. */
const defaultFacts = {
  createdAt: null,
  access: null,
  aliases: [],
  otherIds: [],
  input: ['text', 'image'],
  output: ['text'],
  multilingual: true,
  vision: true,
  notes: [],
  uncertain: [],
} as const satisfies Partial<Model>

type Optional = keyof typeof defaultFacts

/** A model as its file states it: what is particular to it, on top of a generation of `generations.ts`. */
export type ModelFacts = Omit<Model, Optional | 'displayName' | 'platforms' | 'rateCards'> &
  Partial<Pick<Model, Optional>> & {
    /** The default is `name`. */
    readonly displayName?: string
    /** Only the ids that differ from those of `formPlatformIds`. */
    readonly platforms?: Readonly<Partial<Record<Exclude<Platform, 'anthropic'>, string>>>
    readonly rateCards: readonly RateCardFacts[]
    /** Pages to add to those of `sources`. */
    readonly furtherSources?: FurtherSources
  }

type FurtherSources = Readonly<Partial<Record<FactGroup, readonly SourceKey[]>>>

/** Completes a model from the facts of its file. A platform whose lifecycle is null gets no id. */
export function defineModel(facts: ModelFacts): Model {
  const { platforms, rateCards, furtherSources = {}, ...others } = facts
  const ids = formPlatformIds(facts.id)
  const { anthropic, foundry } = facts.lifecycle
  return {
    ...defaultFacts,
    displayName: facts.name,
    ...others,
    platforms: {
      anthropic: facts.id,
      bedrock: facts.lifecycle.bedrock && ids.bedrock,
      vertex: facts.lifecycle.vertex && ids.vertex,
      foundry: facts.lifecycle.foundry && ids.foundry,
      ...platforms,
    },
    rateCards: rateCards.map((card) => completeRateCard(removeDate(facts.id), card)),
    // Anthropic operates Foundry's models too: "the dates on this page apply" (Model deprecations, October 2026).
    lifecycle: { ...facts.lifecycle, foundry: foundry && { ...anthropic, released: foundry.released } },
    sources: addSources(facts.sources, furtherSources),
  }
}

function addSources(base: Model['sources'], further: FurtherSources): Model['sources'] {
  return {
    names: [...base.names, ...(further.names ?? [])],
    abilities: [...base.abilities, ...(further.abilities ?? [])],
    limits: [...base.limits, ...(further.limits ?? [])],
    thinking: [...base.thinking, ...(further.thinking ?? [])],
    tokens: [...base.tokens, ...(further.tokens ?? [])],
    prices: [...base.prices, ...(further.prices ?? [])],
    lifecycle: [...base.lifecycle, ...(further.lifecycle ?? [])],
  }
}
