import { describe, expect, test } from 'vitest'
import type { Model } from '../src/index.ts'
import {
  aliases,
  betas,
  claudeCodeNames,
  models,
  parseUsdPerMTok,
  retiredIds,
  sources,
} from '../src/index.ts'

// Invariants of every model, whatever its facts.

const ids = new Set(models.map(({ id }) => id))

describe.each(models)('$id', (model) => {
  test('has rate cards in order, whose prices parse and whose ids name model and day', () => {
    const days = model.rateCards.map((card) => card.from)

    expect(days).toEqual([...days].toSorted(byText))
    expect(new Set(days).size).toBe(days.length)
    for (const { id, from, standard, steps = [], batch, fast } of model.rateCards) {
      expect(id).toMatch(new RegExp(`^claude-[a-z0-9-]+/${from}$`))
      const prices = [standard, batch ?? {}, fast ?? {}, ...steps, ...steps.map((step) => step.batch)]
      for (const price of prices.flatMap((each) => Object.values(each))) {
        if (typeof price === 'string' && !isDayOrHeader(price))
          expect(parseUsdPerMTok(price)).toBeGreaterThan(0n)
      }
    }
  })

  test('has a first rate card on the day of its release, or a note with the reason', () => {
    const [first] = model.rateCards
    const said = [...model.notes, ...model.uncertain].join(' ')

    if (first?.from !== model.lifecycle.anthropic.released) expect(said).toMatch(/price/i)
    expect((first?.from ?? '9999') >= model.lifecycle.anthropic.released).toBe(true)
  })

  test('has notes in whole sentences, with identifiers as they are', () => {
    for (const note of model.notes) {
      const prose = note.replaceAll(/`[^`]*`/g, '')

      expect(note).toMatch(/^[A-Z0-9`].*\.$/)
      expect(prose).not.toMatch(/\w_\w|\w\.[a-z]|:"/)
      expect(prose).toMatch(/\b(?:is|are|was|were|has|have|had|does|do|may|must|\w+s|\w+ed)\b.*\./)
    }
  })

  test('has its lifecycle dates in order', () => {
    const { released, deprecated, retired } = model.lifecycle.anthropic
    const days = [released, deprecated, retired].filter((day) => day !== null)

    expect(days).toEqual([...days].toSorted(byText))
    expect(days.every(isDay)).toBe(true)
    expect(retired === null || deprecated !== null).toBe(true)
  })

  test('refers to existing models for bound thinking, and checks only bound blocks', () => {
    const returned = model.thinking?.returned
    const bound = models.filter((one) => one.thinking?.returned.boundTo === 'model_and_conversation')

    expect(bound.map(({ id }) => id)).toEqual(expect.arrayContaining([...(returned?.readsBoundOf ?? [])]))
    if (returned?.checksConversation === true) expect(returned.boundTo).not.toBe('nothing')
  })

  test('has effective-dated facts in order', () => {
    const series = [
      model.toolPromptTokens.map(({ from }) => from),
      ...[model.contextWindow, model.maxOutput].map(({ earlier = [] }) => earlier.map(({ until }) => until)),
      ...Object.values(model.lifecycle).map((life) => (life?.stated ?? []).map(({ from }) => from)),
    ]

    for (const days of series) {
      expect(days).toEqual([...days].toSorted(byText))
      expect(days.every(isDay)).toBe(true)
    }
  })

  test('has existing sources for every group of facts', () => {
    const keys = [
      ...Object.values(model.sources).flat(),
      ...model.rateCards.map(({ source }) => source),
      ...model.toolPromptTokens.map(({ source }) => source),
    ]

    for (const group of Object.values(model.sources)) expect(group.length).toBeGreaterThan(0)
    for (const key of keys) expect(sources[key]).toMatch(/\w/)
  })

  test('has a lifecycle on exactly the platforms that have an id for it', () => {
    expect(model.lifecycle.bedrock !== null).toBe(model.platforms.bedrock !== null)
    expect(model.lifecycle.vertex !== null).toBe(model.platforms.vertex !== null)
    expect(model.lifecycle.foundry !== null).toBe(model.platforms.foundry !== null)
    expect(model.platforms.anthropic).toBe(model.id)
  })

  test('has a chain of existing replacements that ends with an active model', () => {
    const { deprecated, replacement, earlierReplacement } = model.lifecycle.anthropic

    expect(replacement !== null).toBe(deprecated !== null)
    for (const id of [replacement, earlierReplacement])
      if (id !== null && id !== undefined) expect(ids).toContain(id)
    if (replacement !== null) expect(findEnd(model).lifecycle.anthropic.deprecated).toBe(null)
  })

  test('has consistent switches', () => {
    const { thinking, effort, behaviour, maxOutput, contextWindow } = model

    expect(thinking?.minBudgetTokens ?? null).toBe(thinking?.types.includes('enabled') === true ? 1024 : null)
    if (thinking?.default === 'always_on') expect(thinking.types).not.toContain('disabled')
    if (effort !== null) expect(effort.levels).toContain(effort.default)
    if (thinking?.switchedOffUpToEffort) expect(effort?.levels).toContain(thinking.switchedOffUpToEffort)
    if (behaviour.forcedToolChoice === 'never') {
      expect(model.toolPromptTokens.every(({ forced }) => forced === null)).toBe(true)
    }
    for (const { tokens, beta } of [maxOutput, contextWindow]) {
      if (beta !== null) expect(beta.tokens).toBeGreaterThan(tokens)
    }
  })
})

test('no name of one platform belongs to two models', () => {
  const claudeApi = models.flatMap(({ id, aliases: names, otherIds }) => [id, ...names, ...otherIds])
  const gone = retiredIds.map(({ id }) => id)
  for (const names of [
    [...claudeApi, ...gone, ...claudeCodeNames.keys()],
    models.flatMap(({ platforms, mantleId }) => [platforms.bedrock, mantleId ?? null]),
    models.map(({ platforms }) => platforms.vertex),
    models.map(({ platforms }) => platforms.foundry),
  ]) {
    const known = names.filter((name) => name !== null)

    expect(new Set(known).size).toBe(known.length)
  }
})

test('aliases never dangle, and their targets are in order', () => {
  for (const [name, targets] of [...aliases, ...claudeCodeNames]) {
    const days = targets.map(({ from }) => from)

    expect(targets.length, name).toBeGreaterThan(0)
    expect(days).toEqual([...days].toSorted(byText))
    for (const { model, source } of targets) {
      expect(ids).toContain(model)
      expect(sources[source]).toMatch(/\w/)
    }
  }
})

test('every alias of a model is in the table, and its last target is that model', () => {
  for (const { id, aliases: names } of models) {
    for (const name of names) expect(aliases.get(name)?.at(-1)?.model).toBe(id)
  }
  expect([...aliases.keys()].toSorted(byText)).toEqual(
    models.flatMap((model) => model.aliases).toSorted(byText),
  )
})

test('every header that a model names is in the table of betas', () => {
  const known = new Set(betas.map(({ value }) => value))
  const named = models.flatMap(({ contextWindow, maxOutput, thinking, effort, rateCards }) => [
    contextWindow.beta?.header,
    ...(contextWindow.earlier ?? []).map(({ beta }) => beta?.header),
    maxOutput.beta?.header,
    maxOutput.batch?.header,
    thinking?.interleaved,
    effort?.beta?.header,
    ...rateCards.flatMap(({ steps = [] }) => steps.map(({ needsBeta }) => needsBeta)),
  ])

  for (const header of named) if (header !== null && header !== undefined) expect(known).toContain(header)
})

test('every source has a page or a package, and no scheme', () => {
  for (const text of Object.values(sources)) {
    expect(text).not.toContain('://')
    expect(text.length).toBeGreaterThan(20)
  }
})

function findEnd(model: Model): Model {
  const next = models.find(({ id }) => id === model.lifecycle.anthropic.replacement)
  return next === undefined ? model : findEnd(next)
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

function isDayOrHeader(text: string): boolean {
  return /\d{4}-\d{2}-\d{2}$/.test(text)
}

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
