import type { Model } from '../model.ts'
import { isFrom } from '../checks/rule.ts'
import type { EffectiveDated } from '../effective-dated.ts'

/**
 * The amount of ordinary prose in a thousand tokens, from the tooltips of the comparison table. A snapshot
 * keeps its tokenizer, so `from` is the release of the first model that uses it.
 */
export type Tokenizer = EffectiveDated<{
  readonly id: 'before-4.7' | 'since-4.7'
  readonly charactersPerThousand: number
  readonly wordsPerThousand: number
  /** Growth in tokens of the same text over the previous tokenizer, smallest and largest; null: no previous one. */
  readonly growth: { readonly least: number; readonly most: number } | null
}>

const before47: Tokenizer = {
  id: 'before-4.7',
  from: '2024-03-04',
  charactersPerThousand: 3400,
  wordsPerThousand: 750,
  growth: null,
  source: 'overview-2026',
}

const since47: Tokenizer = {
  id: 'since-4.7',
  from: '2026-04-16',
  charactersPerThousand: 2500,
  wordsPerThousand: 555,
  growth: { least: 1, most: 1.35 },
  source: 'overview-2026',
}

/** Oldest first. The growth is from the page of Opus 4.7 and the migration guide, stated as "about". */
export const tokenizers: readonly Tokenizer[] = [before47, since47]

/** The tokenizer of a model; the preview of Mythos came before the change. */
export function getTokenizer(model: Model): Tokenizer {
  return isFrom(model, '4.7') ? since47 : before47
}
