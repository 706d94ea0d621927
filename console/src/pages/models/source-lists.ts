import { catalogEntry, models, retiredIds, sources, valueOn } from '@anthology/catalog'
import type { AliasTarget, CalendarEntry, FactGroup, Model, Platform } from '@anthology/catalog'

import { modelsTexts } from '../../texts/models.ts'
import { findCard, platforms } from './model-facts.ts'

/** The pages from which some facts were read. */
export interface SourceList {
  readonly heading: string
  readonly pages: readonly string[]
  readonly note?: string | undefined
}

const texts = modelsTexts.sources

export function listGroup(model: Model, group: FactGroup, day: string): SourceList {
  const pages = catalogEntry(model, { asOf: day }).sources_by_group[group]
  return { heading: texts.groups[group], pages }
}

export const factGroups = Object.keys(texts.groups) as readonly FactGroup[] // A literal's own names.

/** The page of the rate card, and those that state the other prices of the model. */
export function listPriceSources(model: Model, day: string): readonly SourceList[] {
  const card = findCard(model, day)
  const others = listGroup(model, 'prices', day)
  if (card === undefined) return [{ ...others, note: texts.noCard }]
  return [
    { heading: texts.card(card.from), pages: [sources[card.source]], note: card.note },
    { ...others, heading: texts.allPrices },
  ]
}

/** The pages on the names, and on the status that stands below each name. */
export function listNameSources(model: Model, day: string): readonly SourceList[] {
  return [
    listGroup(model, 'names', day),
    ...platforms.flatMap((platform) => listStated(model, platform, day)),
    listGroup(model, 'lifecycle', day),
  ]
}

export function listAliasSources(targets: readonly AliasTarget[]): readonly SourceList[] {
  return targets.map(({ from, model, source, note }) => ({
    heading: modelsTexts.aliases.from(from, model),
    pages: [sources[source]],
    note,
  }))
}

export function listRetirementSources(entry: CalendarEntry, day: string): readonly SourceList[] {
  const model = models.find(({ id }) => id === entry.model)
  if (model === undefined) return listOlder(entry)
  const note = model.lifecycle[entry.platform]?.note
  return [...listStated(model, entry.platform, day), { ...listGroup(model, 'lifecycle', day), note }]
}

/** The statement that a platform without dates has published. */
function listStated(model: Model, platform: Platform, day: string): readonly SourceList[] {
  const stated = valueOn(model.lifecycle[platform]?.stated ?? [], day)
  if (stated === undefined) return []
  const { from, source } = stated
  return [{ heading: texts.stated(modelsTexts.platforms[platform], from), pages: [sources[source]] }]
}

/** A model from before those of the catalog, which a cloud has kept for longer. */
function listOlder({ model, platform }: CalendarEntry): readonly SourceList[] {
  const retired = retiredIds.find(({ id }) => id === model)
  const cloud = platform === 'bedrock' ? ([sources['bedrock-lifecycle-2026']] as const) : []
  const pages = retired === undefined ? cloud : [...cloud, sources[retired.source]]
  return [{ heading: texts.groups.lifecycle, pages }]
}
