import { findPrefixChange } from './block-tags.ts'
import type { BlockTags, PrefixChange } from './block-tags.ts'
import { pricePrompt } from './prompt-price.ts'
import type { PricedCall, PromptValues } from './prompt-price.ts'

/** The facts of a call in the ledger that concern its cache. Quantities are tokens. */
export interface CachedCall extends PricedCall, PromptValues<number> {
  readonly id: string
  /** Null: the main agent. */
  readonly agentId: string | null
  readonly upstream: string
  /** Null for calls of older versions, and where tagging is off. */
  readonly blocks: BlockTags | null
}

/**
 * `first`: no call before it had the prefix. `hit`: everything that was cached was read. `changed`: the prefix was still
 * kept, and a part of it was not read, because the request differs from the one before. `expired`: the time to live had
 * ended. `uncached`: neither written nor read.
 */
export type CacheState = 'first' | 'hit' | 'changed' | 'expired' | 'uncached'

export interface Diagnosis {
  readonly id: string
  readonly agentId: string | null
  readonly model: string
  readonly startedAtMs: number
  readonly state: CacheState
  /** Milliseconds since the call before it of the same agent, model and upstream; null for the first. */
  readonly gapMs: number | null
  readonly input: number
  readonly written: number
  readonly read: number
  /** Tokens that were cached before and were not read. */
  readonly lost: number
  /** The cost of the lost tokens less the cost of reading them, in nano-dollars; null without a price. */
  readonly extraNanoUsd: bigint | null
  /**
   * Where tokens were lost: the first difference from the prefix that the call before had cached; `same` if there is none.
   * `unknown` without tags of both calls, and for all other calls.
   */
  readonly change: PrefixChange | 'same' | 'unknown'
  readonly blocks: BlockTags | null
}

/** The cost of the prompts of a session, as it was and with one time to live. Null without a price. */
export interface LifetimeCosts {
  readonly actualNanoUsd: bigint | null
  readonly fiveMinutesNanoUsd: bigint | null
  readonly oneHourNanoUsd: bigint | null
}

/** The pauses between calls of the same agent, model and upstream, by the time to live that survives them. */
export interface Pauses {
  readonly fiveMinutes: number
  readonly oneHour: number
  readonly longer: number
}

export interface CacheReport {
  readonly calls: readonly Diagnosis[]
  readonly costs: LifetimeCosts
  readonly pauses: Pauses
}

/** A use of a cache entry renews it; its time counts from the start of a call (docs.claude.com, prompt caching). */
const [fiveMinutesMs, oneHourMs] = [5 * 60_000, 60 * 60_000]

/**
 * Explains the caches of a session's calls, oldest first. A cache belongs to one model at one upstream, and agents have
 * prompts of their own, so calls are compared within these.
 */
export function diagnoseCaches(calls: readonly CachedCall[]): CacheReport {
  const before = new Map<string, CachedCall>()
  const diagnoses: Diagnosis[] = []
  let costs: LifetimeCosts = { actualNanoUsd: 0n, fiveMinutesNanoUsd: 0n, oneHourNanoUsd: 0n }
  for (const call of calls) {
    const lane = JSON.stringify([call.agentId, call.model.id, call.upstream])
    const previous = before.get(lane) ?? null
    const diagnosis = diagnose(call, previous)
    diagnoses.push(diagnosis)
    costs = addCosts(costs, simulate(call, previous, diagnosis))
    // A call that cached nothing leaves the entries of the one before it.
    if (countPrefix(call) > 0 || previous === null) before.set(lane, call)
  }
  return { calls: diagnoses, costs, pauses: countPauses(diagnoses) }
}

function countPauses(calls: readonly Diagnosis[]): Pauses {
  const gaps = calls.flatMap(({ gapMs }) => gapMs ?? [])
  const count = (minMs: number, maxMs: number) => gaps.filter((gap) => gap > minMs && gap <= maxMs).length
  return {
    fiveMinutes: count(-Infinity, fiveMinutesMs),
    oneHour: count(fiveMinutesMs, oneHourMs),
    longer: count(oneHourMs, Infinity),
  }
}

function diagnose(call: CachedCall, previous: CachedCall | null): Diagnosis {
  const written = call.write5m + call.write1h
  const gapMs = previous === null ? null : call.startedAtMs - previous.startedAtMs
  const known = previous === null ? 0 : countPrefix(previous)
  const lost = countPrefix(call) === 0 ? 0 : Math.max(0, known - call.read)
  return {
    id: call.id,
    agentId: call.agentId,
    model: call.model.id,
    startedAtMs: call.startedAtMs,
    state: classifyCache(call, previous, lost),
    gapMs,
    input: call.input,
    written,
    read: call.read,
    lost,
    extraNanoUsd: lost === 0 ? 0n : priceLoss(call, lost),
    change: lost === 0 ? 'unknown' : findChange(call, previous),
    blocks: call.blocks,
  }
}

function findChange(call: CachedCall, previous: CachedCall | null): Diagnosis['change'] {
  if (call.blocks === null || previous === null || previous.blocks === null) return 'unknown'
  return findPrefixChange(previous.blocks, call.blocks)
}

function classifyCache(call: CachedCall, previous: CachedCall | null, lost: number): CacheState {
  if (countPrefix(call) === 0) return 'uncached'
  if (previous === null || countPrefix(previous) === 0) return call.read > 0 ? 'hit' : 'first'
  if (lost === 0) return 'hit'
  const lifetimeMs = previous.write1h > 0 ? oneHourMs : fiveMinutesMs
  return call.read === 0 && call.startedAtMs - previous.startedAtMs > lifetimeMs ? 'expired' : 'changed'
}

function countPrefix({ read, write5m, write1h }: CachedCall): number {
  return read + write5m + write1h
}

/** The lost tokens were written again, or, beyond what was written, sent as plain input. */
function priceLoss(call: CachedCall, lost: number): bigint | null {
  const from5m = Math.min(lost, call.write5m)
  const from1h = Math.min(lost - from5m, call.write1h)
  const fromInput = Math.min(lost - from5m - from1h, call.input)
  const actual = pricePrompt(call, call)
  const ideal = pricePrompt(call, {
    input: call.input - fromInput,
    write5m: call.write5m - from5m,
    write1h: call.write1h - from1h,
    read: call.read + from5m + from1h + fromInput,
  })
  return actual === null || ideal === null ? null : actual - ideal
}

/** The cost of the prompt if all entries live for 5 minutes, and if all live for one hour. */
function simulate(
  call: CachedCall,
  previous: CachedCall | null,
  { state, gapMs, change }: Diagnosis,
): LifetimeCosts {
  const prefix = countPrefix(call)
  // After an expiry a prompt without a known change is taken as unchanged.
  const isKept = state === 'expired' && (change === 'same' || change === 'unknown')
  const readable = isKept && previous !== null ? Math.min(prefix, countPrefix(previous)) : call.read
  const priceFor = (lifetimeMs: number) => {
    const read = gapMs === null || gapMs <= lifetimeMs ? readable : 0
    const written = prefix - read
    const isShort = lifetimeMs === fiveMinutesMs
    return pricePrompt(call, {
      input: call.input,
      read,
      write5m: isShort ? written : 0,
      write1h: isShort ? 0 : written,
    })
  }
  return {
    actualNanoUsd: pricePrompt(call, call),
    fiveMinutesNanoUsd: priceFor(fiveMinutesMs),
    oneHourNanoUsd: priceFor(oneHourMs),
  }
}

function addCosts(one: LifetimeCosts, other: LifetimeCosts): LifetimeCosts {
  const add = (a: bigint | null, b: bigint | null) => (a === null || b === null ? null : a + b)
  return {
    actualNanoUsd: add(one.actualNanoUsd, other.actualNanoUsd),
    fiveMinutesNanoUsd: add(one.fiveMinutesNanoUsd, other.fiveMinutesNanoUsd),
    oneHourNanoUsd: add(one.oneHourNanoUsd, other.oneHourNanoUsd),
  }
}
