import { computePrice } from '@anthology/catalog'
import type { Model, Platform, Usage } from '@anthology/catalog'

/** The facts of a call in the ledger that concern its cache. Quantities are tokens. */
export interface CachedCall {
  readonly id: string
  readonly startedAtMs: number
  /** Null: the main agent. */
  readonly agentId: string | null
  readonly model: Model
  readonly upstream: string
  readonly platform: Platform
  readonly input: number
  readonly write5m: number
  readonly write1h: number
  readonly read: number
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
}

/** The cost of the prompts of a session, as it was and with one time to live. Null without a price. */
export interface LifetimeCosts {
  readonly actualNanoUsd: bigint | null
  readonly fiveMinutesNanoUsd: bigint | null
  readonly oneHourNanoUsd: bigint | null
}

export interface CacheReport {
  readonly calls: readonly Diagnosis[]
  readonly costs: LifetimeCosts
}

/** A use of a cache entry renews it; its time counts from the start of a call (docs.claude.com, prompt caching). */
const [fiveMinutesMs, oneHourMs] = [5 * 60_000, 60 * 60_000]

/**
 * Explains the caches of a session's calls, oldest first. A cache belongs to one model at one upstream, and agents have
 * prompts of their own, so calls are compared within these. `priceInput` prices the prompt of a call; default: the
 * catalog's price of the day of the call.
 */
export function diagnoseCaches(
  calls: readonly CachedCall[],
  priceInput: PriceInput = priceByCatalog,
): CacheReport {
  const before = new Map<string, CachedCall>()
  const diagnoses: Diagnosis[] = []
  let costs: LifetimeCosts = { actualNanoUsd: 0n, fiveMinutesNanoUsd: 0n, oneHourNanoUsd: 0n }
  for (const call of calls) {
    const lane = JSON.stringify([call.agentId, call.model.id, call.upstream])
    const previous = before.get(lane) ?? null
    const diagnosis = diagnose(call, previous, priceInput)
    diagnoses.push(diagnosis)
    costs = addCosts(costs, simulate(call, previous, diagnosis, priceInput))
    // A call that cached nothing leaves the entries of the one before it.
    if (countPrefix(call) > 0 || previous === null) before.set(lane, call)
  }
  return { calls: diagnoses, costs }
}

export type PriceInput = (call: CachedCall, prompt: Prompt) => bigint | null

/** The tokens of a prompt by how they are billed. */
export type Prompt = Pick<CachedCall, 'input' | 'write5m' | 'write1h' | 'read'>

function diagnose(call: CachedCall, previous: CachedCall | null, priceInput: PriceInput): Diagnosis {
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
    extraNanoUsd: lost === 0 ? 0n : priceLoss(call, lost, priceInput),
  }
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
function priceLoss(call: CachedCall, lost: number, priceInput: PriceInput): bigint | null {
  const from5m = Math.min(lost, call.write5m)
  const from1h = Math.min(lost - from5m, call.write1h)
  const fromInput = Math.min(lost - from5m - from1h, call.input)
  const actual = priceInput(call, call)
  const ideal = priceInput(call, {
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
  { state, gapMs }: Diagnosis,
  priceInput: PriceInput,
): LifetimeCosts {
  const prefix = countPrefix(call)
  // After an expiry it is not known whether the prompt had changed too; the same prompt is assumed.
  const readable =
    state === 'expired' && previous !== null ? Math.min(prefix, countPrefix(previous)) : call.read
  const priceFor = (lifetimeMs: number) => {
    const read = gapMs === null || gapMs <= lifetimeMs ? readable : 0
    const written = prefix - read
    const isShort = lifetimeMs === fiveMinutesMs
    return priceInput(call, {
      input: call.input,
      read,
      write5m: isShort ? written : 0,
      write1h: isShort ? 0 : written,
    })
  }
  return {
    actualNanoUsd: priceInput(call, call),
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

function priceByCatalog(call: CachedCall, { input, write5m, write1h, read }: Prompt): bigint | null {
  const usage: Usage = {
    input_tokens: input,
    output_tokens: 0,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: write5m + write1h,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
  }
  const asOf = new Date(call.startedAtMs).toISOString().slice(0, 10)
  const price = computePrice(usage, call.model, { asOf, platform: call.platform })
  return price.ok ? price.totalNanoUsd : null
}
