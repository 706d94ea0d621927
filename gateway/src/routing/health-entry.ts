import type { Quota } from './quota.ts'
import type { Refusal } from './refusal.ts'

export type HealthState =
  | { readonly kind: 'healthy' }
  /** The circuit is open, and its probe is due: one call may be sent. */
  | { readonly kind: 'probe' }
  /** `refusal`: set if the circuit is open because the account was refused. */
  | { readonly kind: 'open'; readonly forMs: number; readonly refusal: Refusal | null }
  | { readonly kind: 'blocked'; readonly quota: Quota; readonly forMs: number }

export interface UnhealthyModel {
  readonly upstream: string
  /** `*`: every model of the upstream. */
  readonly model: string
  /** The state for a call that takes from the quota of messages. */
  readonly state: HealthState
  /** All quotas that are exhausted now. */
  readonly exhausted: readonly ExhaustedQuota[]
  /** Failures within the window. */
  readonly failures: number
  readonly lastFailureAgoMs: number | null
  /** The reason of the last failure; null without one. */
  readonly lastFailure: string | null
  /** The circuit is open because the account was refused. */
  readonly refusal: Refusal | null
  /** The time since the circuit opened, or since its last failed probe; null: it is closed. */
  readonly openedAgoMs: number | null
}

export interface ExhaustedQuota {
  readonly quota: Quota
  readonly forMs: number
}

/** What is known of a model at an upstream, or of all its models. */
export interface Entry {
  readonly upstream: string
  readonly model: string
  /** The times of recent failures. */
  failures: number[]
  lastFailure: string | null
  /** When the circuit opened; null: it is closed. */
  openedMs: number | null
  /** When the last probe was sent. */
  probedMs: number | null
  refusal: Refusal | null
  /** The wait of a refusal until its next probe. */
  refusalMs: number
  readonly blocks: Map<Quota, Block>
}

interface Block {
  /** When the quota was last refused. */
  readonly sinceMs: number
  readonly untilMs: number
  /** The wait after the next refusal that names no time. */
  readonly nextMs: number
}

function createEntry(upstream: string, model: string): Entry {
  return {
    upstream,
    model,
    failures: [],
    lastFailure: null,
    openedMs: null,
    probedMs: null,
    refusal: null,
    refusalMs: firstRefusalMs,
    blocks: new Map(),
  }
}

interface StateOptions {
  readonly nowMs: number
  /** The wait of an open circuit until its next probe, if the account was not refused. */
  readonly probeMs: number
}

/** The state for a call that takes from a quota; nothing is known of an upstream without an entry. */
export function getEntryState(entry: Entry | undefined, quota: Quota, options: StateOptions): HealthState {
  if (entry === undefined) return healthy
  const blockedMs = (entry.blocks.get(quota)?.untilMs ?? 0) - options.nowMs
  return blockedMs > 0 ? { kind: 'blocked', quota, forMs: blockedMs } : getCircuitState(entry, options)
}

export function getCircuitState(
  { openedMs, probedMs, refusal, refusalMs }: Entry,
  { nowMs, probeMs }: StateOptions,
): HealthState {
  if (openedMs === null) return healthy
  const pauseMs = refusal === null ? probeMs : refusalMs
  const waitMs = Math.max(openedMs, probedMs ?? 0) + pauseMs - nowMs
  return waitMs > 0 ? { kind: 'open', forMs: waitMs, refusal } : { kind: 'probe' }
}

const healthy: HealthState = { kind: 'healthy' }

export function closeCircuit(entry: Entry): void {
  entry.failures = []
  entry.lastFailure = null
  entry.openedMs = null
  entry.probedMs = null
  entry.refusal = null
  entry.refusalMs = firstRefusalMs
}

/** People have to act before an account is accepted again, which takes minutes or days: each failed probe doubles the wait. */
const firstRefusalMs = 60_000
const maxRefusalMs = 900_000

/** True if an answer shows that the account is not refused any more. Counting tokens is free, so it shows nothing. */
export function endsRefusal({ refusal, openedMs }: Entry, quota: Quota, sentMs: number): boolean {
  return refusal === null || (quota !== 'token_count' && sentMs >= (openedMs ?? 0))
}

function isFailedProbe({ openedMs, probedMs }: Entry): boolean {
  return openedMs !== null && probedMs !== null && probedMs > openedMs
}

/** Without a time in the answer: doubling from a second to half a minute, as works for Amazon Bedrock. */
const firstBlockMs = 1_000
const maxBlockMs = 32_000

export function extendBlock(block: Block | undefined, nowMs: number, waitMs: number): Block {
  const { untilMs, nextMs } = block ?? { untilMs: 0, nextMs: firstBlockMs }
  const isNew = untilMs <= nowMs
  return {
    sinceMs: nowMs,
    untilMs: Math.max(untilMs, nowMs + waitMs),
    nextMs: isNew ? Math.min(nextMs * 2, maxBlockMs) : nextMs,
  }
}

/**
 * The wait after a refusal. One that names no time says nothing new while a block lasts: the calls that were under way
 * would double it at once.
 */
export function getWaitMs(block: Block | undefined, nowMs: number, retryAfterMs: number | null): number {
  if (retryAfterMs !== null) return retryAfterMs
  if (block === undefined) return firstBlockMs
  return block.untilMs > nowMs ? 0 : block.nextMs
}

/** The block that another process has met. The waits of refusals that name no time stay those of this process. */
export function adoptBlock(block: Block | undefined, nowMs: number, forMs: number): Block {
  const { untilMs, nextMs } = block ?? { untilMs: 0, nextMs: firstBlockMs }
  return { sinceMs: nowMs, untilMs: Math.max(untilMs, nowMs + Math.min(forMs, maxReportedMs)), nextMs }
}

/** No process waits for longer, so a longer report is wrong. */
const maxReportedMs = 3_600_000

/** True for a call that was sent before the refusal of a block that still lasts. */
export function isSentBefore(block: Block | undefined, ranMs: number, nowMs: number): boolean {
  return block !== undefined && block.untilMs > nowMs && nowMs - ranMs < block.sinceMs
}

function listExhausted({ blocks }: Entry, nowMs: number): readonly ExhaustedQuota[] {
  return [...blocks]
    .map(([quota, { untilMs }]) => ({ quota, forMs: untilMs - nowMs }))
    .filter(({ forMs }) => forMs > 0)
}

interface NewRefusal {
  readonly kind: Refusal
  readonly reason: string
  readonly nowMs: number
}

/** Opens the circuit, or extends its wait after a failed probe. */
export function openAtOnce(entry: Entry, { kind, reason, nowMs }: NewRefusal): void {
  entry.lastFailure = reason
  const isKnown = entry.refusal !== null
  // Calls that were under way when the first one was refused say nothing new.
  if (isKnown && !isFailedProbe(entry)) return
  if (isKnown) entry.refusalMs = Math.min(entry.refusalMs * 2, maxRefusalMs)
  entry.refusal = kind
  entry.openedMs = nowMs
  entry.failures = [...entry.failures, nowMs].slice(-maxShownRejections)
}

/** A refusal opens the circuit by itself; operators see this many. */
const maxShownRejections = 5

interface DescribeOptions {
  readonly state: HealthState
  readonly nowMs: number
  readonly windowMs: number
}

export function describeEntry(entry: Entry, { state, nowMs, windowMs }: DescribeOptions): UnhealthyModel {
  const getAgeMs = (timeMs: number | null): number | null => (timeMs === null ? null : nowMs - timeMs)
  return {
    upstream: entry.upstream,
    model: entry.model,
    state,
    exhausted: listExhausted(entry, nowMs),
    failures: entry.failures.filter((timeMs) => nowMs - timeMs < windowMs).length,
    lastFailureAgoMs: getAgeMs(entry.failures.at(-1) ?? null),
    lastFailure: entry.lastFailure,
    refusal: entry.refusal,
    openedAgoMs: getAgeMs(entry.openedMs),
  }
}

interface NewFailure {
  readonly reason: string
  readonly nowMs: number
  readonly maxFailures: number
  readonly windowMs: number
}

/** Adds a failure; returns true if it has opened the circuit. A failed probe, or another call that was under way, keeps it open. */
export function failEntry(entry: Entry, { reason, nowMs, maxFailures, windowMs }: NewFailure): boolean {
  entry.lastFailure = reason
  entry.failures = [...entry.failures.filter((timeMs) => nowMs - timeMs < windowMs), nowMs].slice(
    -maxFailures,
  )
  if (entry.openedMs === null && entry.failures.length < maxFailures) return false
  const opens = entry.openedMs === null
  entry.openedMs = nowMs
  return opens
}

/** The entries by upstream and model, and those that concern every model of an upstream. */
export interface Entries {
  find(upstream: string, model: string): Entry | undefined
  open(upstream: string, model: string): Entry
  remove(upstream: string, model: string): void
  findCommon(upstream: string): Entry | undefined
  openCommon(upstream: string): Entry
  removeCommon(upstream: string): void
  list(): readonly Entry[]
}

export function createEntries(): Entries {
  const entries = new Map<string, Entry>()
  const common = new Map<string, Entry>()
  const getKey = (upstream: string, model: string): string => `${upstream}\0${model}`
  return {
    find: (upstream, model) => entries.get(getKey(upstream, model)),
    open: (upstream, model) => {
      const entry = entries.get(getKey(upstream, model)) ?? createEntry(upstream, model)
      entries.set(getKey(upstream, model), entry)
      return entry
    },
    remove: (upstream, model) => void entries.delete(getKey(upstream, model)),
    findCommon: (upstream) => common.get(upstream),
    openCommon: (upstream) => {
      const entry = common.get(upstream) ?? createEntry(upstream, everyModel)
      common.set(upstream, entry)
      return entry
    },
    removeCommon: (upstream) => void common.delete(upstream),
    list: () => [...entries.values(), ...common.values()],
  }
}

/** Stands for every model of an upstream, as in its member `models`. */
const everyModel = '*'
