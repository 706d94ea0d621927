import { defaultCircuit } from './routing-config.ts'
import type { CircuitConfig } from './routing-config.ts'

/** What recent attempts say about an upstream's model. */
export interface Health {
  /** Whether a call may be sent. */
  check(upstream: string, modelId: string): HealthState
  /** A call is about to be sent. After `probe` it is the one call that tries an open circuit. */
  begin(upstream: string, modelId: string): void
  /** `ranMs`: the time since the call was sent. An answer to a call from before the block says nothing about the quota. */
  succeed(upstream: string, modelId: string, ranMs: number): void
  /** A failure of the upstream itself: it counts towards its circuit. `reason`: for operators. */
  fail(upstream: string, modelId: string, reason: string): void
  /** A quota is exhausted. Null: the upstream did not say for how long. */
  block(upstream: string, modelId: string, retryAfterMs: number | null): void
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
  | { readonly kind: 'blocked'; readonly forMs: number }

export interface UnhealthyModel {
  readonly upstream: string
  readonly model: string
  readonly state: HealthState
  /** Failures within the window. */
  readonly failures: number
  readonly lastFailureAgoMs: number | null
  /** The reason of the last failure; null without one. */
  readonly lastFailure: string | null
  /** The time since the circuit opened, or since its last failed probe; null: it is closed. */
  readonly openedAgoMs: number | null
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
  /** When the quota was last refused. */
  blockedMs: number
  blockedUntilMs: number
  /** The wait after the next refusal that names no time. */
  nextBlockMs: number
}

function createEntry(upstream: string, model: string): Entry {
  return {
    upstream,
    model,
    failures: [],
    lastFailure: null,
    openedMs: null,
    probedMs: null,
    blockedMs: 0,
    blockedUntilMs: 0,
    nextBlockMs: firstBlockMs,
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
  const getState = (entry: Entry | undefined): HealthState => {
    if (entry === undefined) return healthy
    const blockedMs = entry.blockedUntilMs - nowMs()
    if (blockedMs > 0) return { kind: 'blocked', forMs: blockedMs }
    if (entry.openedMs === null) return healthy
    const waitMs = Math.max(entry.openedMs, entry.probedMs ?? 0) + probeMs - nowMs()
    return waitMs > 0 ? { kind: 'open', forMs: waitMs } : { kind: 'probe' }
  }
  const getAgeMs = (timeMs: number | null): number | null => (timeMs === null ? null : nowMs() - timeMs)
  return {
    check: (upstream, model) => getState(find(upstream, model)),
    begin: (upstream, model) => {
      const entry = find(upstream, model)
      if (entry !== undefined && getState(entry).kind === 'probe') entry.probedMs = nowMs()
    },
    succeed: (upstream, model, ranMs) => {
      const key = `${upstream}\0${model}`
      const entry = entries.get(key)
      if (entry === undefined) return
      const wasSentBefore = entry.blockedUntilMs > nowMs() && nowMs() - ranMs < entry.blockedMs
      if (wasSentBefore) closeCircuit(entry)
      else entries.delete(key)
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
    block: (upstream, model, retryAfterMs) => {
      const entry = open(upstream, model)
      const waitMs = retryAfterMs ?? entry.nextBlockMs
      entry.nextBlockMs = Math.min(entry.nextBlockMs * 2, maxBlockMs)
      entry.blockedMs = nowMs()
      entry.blockedUntilMs = Math.max(entry.blockedUntilMs, entry.blockedMs + waitMs)
    },
    list: () =>
      [...entries.values()].map((entry) => ({
        upstream: entry.upstream,
        model: entry.model,
        state: getState(entry),
        failures: entry.failures.filter((timeMs) => nowMs() - timeMs < windowMs).length,
        lastFailureAgoMs: getAgeMs(entry.failures.at(-1) ?? null),
        lastFailure: entry.lastFailure,
        openedAgoMs: getAgeMs(entry.openedMs),
      })),
    listOpenings: () => [...openings.values()],
  }
}

const healthy: HealthState = { kind: 'healthy' }
