import { computePrice, getTokenizer, models, roundPicoToNano } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'

import { findMoveTarget } from '../judge/target-of-model.ts'
import type { Move } from '../move.ts'

/** The components whose tokens a ledger counts. */
export const tokenComponents = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output'] as const

export type TokenComponent = (typeof tokenComponents)[number]

/** What calls of one model used and cost. */
export interface UsedTokens {
  /** The catalog's id. */
  readonly model: string
  readonly platform: Platform
  /** The calls were part of message batches, which cost half. */
  readonly isBatch: boolean
  readonly calls: bigint
  readonly quantities: Readonly<Record<TokenComponent, bigint>>
  readonly costNanoUsd: bigint
}

/** The cost of the same calls on the target. */
export interface Repriced {
  /** The id of the target; null: the model does not move, so nothing changes. */
  readonly target: string | null
  readonly lowNanoUsd: bigint
  readonly highNanoUsd: bigint
  /** Why the bounds differ, and what they leave out. */
  readonly assumptions: readonly string[]
}

/** A text has at most this many times the tokens, in thousandths ("Migration guide", platform.claude.com, 2026: 1.0 to 1.35). */
const maxGrowthMilli = 1_350n

/**
 * Prices used tokens on the target of a move. Lower bound: the same tokens in the same components. Upper bound: the
 * largest growth if another tokenizer counts, and no cached prompt if the target caches only longer ones. What nobody
 * can know in advance is an assumption in words. Null: the target has no known price.
 */
export function reprice(used: UsedTokens, move: Move): Repriced | null {
  const from = models.find(({ id }) => id === used.model)
  const target = from === undefined ? null : findMoveTarget(from, move)
  if (from === undefined || target === null) {
    const { costNanoUsd } = used
    return { target: null, lowNanoUsd: costNanoUsd, highNanoUsd: costNanoUsd, assumptions: [] }
  }
  const prices = readUnitPrices(target, used, move.day)
  if (prices === null) return null
  const growthMilli = getTokenizer(from).id === getTokenizer(target).id ? 1_000n : maxGrowthMilli
  const losesCache = mayLoseCache(from, target, used)
  const low = sumPico(used.quantities, prices)
  const high = sumPico(losesCache ? moveCacheToInput(used.quantities) : used.quantities, prices)
  return {
    target: target.id,
    lowNanoUsd: roundPicoToNano(low),
    highNanoUsd: roundPicoToNano((max(low, high) * growthMilli + 999n) / 1_000n),
    assumptions: [
      ...(growthMilli > 1_000n
        ? ['Up to 35 % more tokens for the same text, because another tokenizer counts.']
        : []),
      ...(losesCache
        ? [
            `At most, no prompt is cached any more: ${target.displayName} caches from ${target.minCacheableTokens} tokens on.`,
          ]
        : []),
      ...listUnknown(from, target),
    ],
  }
}

type UnitPrices = Readonly<Record<TokenComponent, bigint>>

/** The prices of one token each, in pico-dollars. A sum of calls has no single prompt, so steps for long prompts are left out. */
function readUnitPrices(model: Model, { platform, isBatch }: UsedTokens, day: string): UnitPrices | null {
  const usage = {
    input_tokens: 1,
    output_tokens: 1,
    cache_read_input_tokens: 1,
    cache_creation_input_tokens: 2,
    cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 1 },
  }
  const price = computePrice(usage, model, { asOf: day, platform, batch: isBatch })
  if (!price.ok) return null
  const of = (component: TokenComponent): bigint =>
    price.lines.find((line) => line.component === component)?.picoUsdPerUnit ?? 0n
  return {
    input: of('input'),
    cache_write_5m: of('cache_write_5m'),
    cache_write_1h: of('cache_write_1h'),
    cache_read: of('cache_read'),
    output: of('output'),
  }
}

function sumPico(quantities: UsedTokens['quantities'], prices: UnitPrices): bigint {
  return tokenComponents.reduce((sum, component) => sum + quantities[component] * prices[component], 0n)
}

function moveCacheToInput(quantities: UsedTokens['quantities']): UsedTokens['quantities'] {
  const { input, cache_write_5m: short, cache_write_1h: long, cache_read: read, output } = quantities
  return {
    input: input + short + long + read,
    cache_write_5m: 0n,
    cache_write_1h: 0n,
    cache_read: 0n,
    output,
  }
}

function mayLoseCache(from: Model, to: Model, { quantities }: UsedTokens): boolean {
  const isCached = quantities.cache_read + quantities.cache_write_5m + quantities.cache_write_1h > 0n
  return isCached && (to.minCacheableTokens ?? 0) > (from.minCacheableTokens ?? 0)
}

/** What changes the output without a published figure. */
function listUnknown(from: Model, to: Model): readonly string[] {
  const startsThinking =
    (from.thinking?.default ?? 'off') === 'off' && (to.thinking?.default ?? 'off') !== 'off'
  const effort = to.effort !== null && from.effort?.default !== to.effort.default ? to.effort.default : null
  return [
    ...(startsThinking ? ['Not included: the thinking of calls that did not ask for it.'] : []),
    ...(effort === null ? [] : [`Not included: another length of answers at the default effort ${effort}.`]),
  ]
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
