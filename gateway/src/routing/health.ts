import type { Quota } from './quota.ts'
import { defaultCircuit } from './routing-config.ts'
import type { CircuitConfig } from './routing-config.ts'

/** What recent attempts say about an upstream's model. */
export interface Health {
  /** Whether a call that takes from a quota may be sent. */
  check(upstream: string, modelId: string, quota: Quota): HealthState
  /** A call is about to be sent. After `probe` it is the one call that tries an open circuit. */
  begin(upstream: string, modelId: string): void
  /** `ranMs`: the time since the call was sent. An answer to a call from before the block says nothing about the quota. */
  succeed(upstream: string, modelId: string, quota: Quota, ranMs: number): void
  /** A failure of the upstream itself: it counts towards its circuit. `reason`: for operators. */
  fail(upstream: string, modelId: string, reason: string): void
  /** A quota is exhausted. Null: the upstream did not say for how long. */
  block(upstream: string, modelId: string, quota: Quota, retryAfterMs: number | null): void
  /** All states that are not `healthy`, for operators. */
  list(): readonly UnhealthyModel[]
  /** The number of times that each circuit has opened since the start of the process. */
  listOpenings(): readonly CircuitOpenings[]
}

export interface CircuitOpenings {
  readonly upstream: string
  readonly model: string
  readonly times: number
}

export type HealthState =
  | { readonly kind: 'healthy' }
  /** The circuit is open, and its probe is due: one call may be sent. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'open'; readonly forMs: number }
  | { readonly kind: 'blocked'; readonly quota: Quota; readonly forMs: number }

export interface UnhealthyModel {
  readonly upstream: string
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
  /** The time since the circuit opened, or since its last failed probe; null: it is closed. */
  readonly openedAgoMs: number | null
}

export interface ExhaustedQuota {
  readonly quota: Quota
  readonly forMs: number
}

interface Entry {
  readonly upstream: string
  readonly model: string
  /** The times of recent failures. */
  failures: number[]
  lastFailure: string | null
  /** When the circuit opened; null: it is closed. */
  openedMs: number | null
  /** When the last probe was sent. */
  probedMs: number | null
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
    blocks: new Map(),
  }
}

function closeCircuit(entry: Entry): void {
  entry.failures = []
  entry.lastFailure = null
  entry.openedMs = null
  entry.probedMs = null
}

/** Without a time in the answer: doubling from a second to half a minute, as works for Amazon Bedrock. */
const firstBlockMs = 1_000
const maxBlockMs = 32_000

function extendBlock(block: Block | undefined, nowMs: number, retryAfterMs: number | null): Block {
  const { untilMs, nextMs } = block ?? { untilMs: 0, nextMs: firstBlockMs }
  return {
    sinceMs: nowMs,
    untilMs: Math.max(untilMs, nowMs + (retryAfterMs ?? nextMs)),
    nextMs: Math.min(nextMs * 2, maxBlockMs),
  }
}

/** True for a call that was sent before the refusal of a block that still lasts. */
function isSentBefore(block: Block | undefined, ranMs: number, nowMs: number): boolean {
  return block !== undefined && block.untilMs > nowMs && nowMs - ranMs < block.sinceMs
}

function listExhausted({ blocks }: Entry, nowMs: number): readonly ExhaustedQuota[] {
  return [...blocks]
    .map(([quota, { untilMs }]) => ({ quota, forMs: untilMs - nowMs }))
    .filter(({ forMs }) => forMs > 0)
}

export function createHealth(circuit: Partial<CircuitConfig>, nowMs: () => number): Health {
  const { failures: maxFailures, window_ms: windowMs, probe_ms: probeMs } = { ...defaultCircuit, ...circuit }
  const entries = new Map<string, Entry>()
  /** An answer deletes the entry of its model, but not this count. */
  const openings = new Map<string, CircuitOpenings>()
  const countOpening = (upstream: string, model: string): void => {
    const key = `${upstream}\0${model}`
    openings.set(key, { upstream, model, times: (openings.get(key)?.times ?? 0) + 1 })
  }
  const find = (upstream: string, model: string): Entry | undefined => entries.get(`${upstream}\0${model}`)
  const open = (upstream: string, model: string): Entry => {
    const key = `${upstream}\0${model}`
    const entry = entries.get(key) ?? createEntry(upstream, model)
    entries.set(key, entry)
    return entry
  }
  const getState = (entry: Entry | undefined, quota: Quota): HealthState => {
    if (entry === undefined) return healthy
    const blockedMs = (entry.blocks.get(quota)?.untilMs ?? 0) - nowMs()
    return blockedMs > 0 ? { kind: 'blocked', quota, forMs: blockedMs } : getCircuitState(entry)
  }
  const getCircuitState = (entry: Entry): HealthState => {
    if (entry.openedMs === null) return healthy
    const waitMs = Math.max(entry.openedMs, entry.probedMs ?? 0) + probeMs - nowMs()
    return waitMs > 0 ? { kind: 'open', forMs: waitMs } : { kind: 'probe' }
  }
  const getAgeMs = (timeMs: number | null): number | null => (timeMs === null ? null : nowMs() - timeMs)
  return {
    check: (upstream, model, quota) => getState(find(upstream, model), quota),
    begin: (upstream, model) => {
      const entry = find(upstream, model)
      if (entry !== undefined && getCircuitState(entry).kind === 'probe') entry.probedMs = nowMs()
    },
    succeed: (upstream, model, quota, ranMs) => {
      const key = `${upstream}\0${model}`
      const entry = entries.get(key)
      if (entry === undefined) return
      closeCircuit(entry)
      if (!isSentBefore(entry.blocks.get(quota), ranMs, nowMs())) entry.blocks.delete(quota)
      if (entry.blocks.size === 0) entries.delete(key)
    },
    fail: (upstream, model, reason) => {
      const entry = open(upstream, model)
      const now = nowMs()
      entry.lastFailure = reason
      entry.failures = [...entry.failures.filter((timeMs) => now - timeMs < windowMs), now].slice(
        -maxFailures,
      )
      if (entry.openedMs === null && entry.failures.length < maxFailures) return
      // A failed probe, or another call that was under way, keeps the circuit open.
      if (entry.openedMs === null) countOpening(upstream, model)
      entry.openedMs = now
    },
    block: (upstream, model, quota, retryAfterMs) => {
      const { blocks } = open(upstream, model)
      blocks.set(quota, extendBlock(blocks.get(quota), nowMs(), retryAfterMs))
    },
    list: () =>
      [...entries.values()].map((entry) => ({
        upstream: entry.upstream,
        model: entry.model,
        state: getState(entry, 'messages'),
        exhausted: listExhausted(entry, nowMs()),
        failures: entry.failures.filter((timeMs) => nowMs() - timeMs < windowMs).length,
        lastFailureAgoMs: getAgeMs(entry.failures.at(-1) ?? null),
        lastFailure: entry.lastFailure,
        openedAgoMs: getAgeMs(entry.openedMs),
      })),
    listOpenings: () => [...openings.values()],
  }
}

const healthy: HealthState = { kind: 'healthy' }
