import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Model } from '../src/index.ts'
import { models, retiredIds } from '../src/index.ts'
import type { Fact, Pages } from './facts/answers.ts'
import { answers, ratio } from './facts/answers.ts'
import { cardOn } from './facts/restrictions.ts'

// `facts/models.json` was collected from the pages independently of the catalog. Every member of every
// model in it is compared with the catalog; a member without a comparison fails.

interface Facts {
  readonly models: readonly Fact[]
  readonly retired_before_seed: readonly Fact[]
  readonly price_modifiers: Readonly<Record<Multiplier, string>> & {
    readonly cache_read_multiplier_exceptions: Readonly<Record<string, string>>
  }
  readonly sources: Pages
}

type Multiplier =
  | 'cache_write_5m_multiplier'
  | 'cache_write_1h_multiplier'
  | 'cache_read_multiplier_default'
  | 'fast_mode_multiplier_2026'

// The fixture is ours and has this shape.
const facts = JSON.parse(readFileSync(join(import.meta.dirname, 'facts/models.json'), 'utf8')) as Facts

test('has exactly the models of the facts', () => {
  expect(models.map(({ id }) => id).toSorted(byText)).toEqual(
    facts.models.map(({ id }) => id).toSorted(byText),
  )
})

describe.each(facts.models)('$id', (fact) => {
  const model = getModel(fact.id)

  test.each(Object.keys(fact))('equals the facts: %s', (member) => {
    const answer = answers[member]

    expect(answer, `nobody answers for ${member}`).toBeDefined()
    expect(answer?.(model, fact, facts.sources)).toEqual(fact[member])
  })
})

test('has the ids that were retired before the page, with their facts', () => {
  const known = retiredIds.map((gone) => ({
    id: gone.id,
    display_name: gone.displayName,
    deprecated_at: gone.deprecated,
    retired_at: gone.retired,
    ...(gone.createdAt === null ? {} : { api_created_at: gone.createdAt }),
    in_seed: false,
    source: ['Model deprecations, Nov 2025 (docs.claude.com/en/docs/about-claude/model-deprecations)'],
  }))

  expect(known).toEqual(facts.retired_before_seed)
})

// The published prices follow from the multipliers, except for Haiku 3, whose table is rounded.
test.each(models.filter(({ rateCards }) => rateCards.length > 0))('$id has consistent prices', (model) => {
  const { price_modifiers: by } = facts
  const card = cardOn(model)
  const { input, cache_write_5m, cache_write_1h, cache_read, output } = card?.standard ?? {}
  const read = by.cache_read_multiplier_exceptions[model.id] ?? by.cache_read_multiplier_default

  expect([ratio(card?.batch?.input, input), ratio(card?.batch?.output, output)]).toEqual([0.5, 0.5])
  if (model.id === 'claude-3-haiku-20240307') return
  expect(ratio(cache_write_5m, input)).toBe(Number(by.cache_write_5m_multiplier))
  expect(ratio(cache_write_1h, input)).toBe(Number(by.cache_write_1h_multiplier))
  expect(ratio(cache_read, input)).toBe(Number(read))
  if (card?.fast === undefined || card.fast.ended !== null) return
  expect(ratio(card.fast.input, input)).toBe(Number(by.fast_mode_multiplier_2026))
  expect(ratio(card.fast.cache_read, card.fast.input)).toBe(Number(read))
})

function getModel(id: string): Model {
  const found = models.find((model) => model.id === id)
  if (found === undefined) throw new Error(`no ${id} in the catalog`)
  return found
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
