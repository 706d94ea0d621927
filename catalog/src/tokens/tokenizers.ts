import type { Model } from '../model.ts'
import { isFrom } from '../checks/rule.ts'
import type { EffectiveDated } from '../effective-dated.ts'

/**
 * How much ordinary prose a thousand tokens hold, by the tooltips of the comparison table. A snapshot keeps the
 * tokenizer it came with, so `from` is the release of the first model that has it.
 */
export type Tokenizer = EffectiveDated<{
  readonly id: 'before-4.7' | 'since-4.7'
  readonly charactersPerThousand: number
  readonly wordsPerThousand: number
  /** Tokens of the same text against the tokenizer before, from the kindest text to the least kind; null: there is none. */
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

/** Oldest first. The growth stands on the page of Opus 4.7 and in the migration guide, as "about". */
export const tokenizers: readonly Tokenizer[] = [before47, since47]

/** The tokenizer that a model reads with; the preview of Mythos came before the change. */
export function getTokenizer(model: Model): Tokenizer {
  return isFrom(model, '4.7') ? since47 : before47
}
