import {
  adoptBlock,
  closeCircuit,
  createEntries,
  describeEntry,
  endsRefusal,
  extendBlock,
  failEntry,
  getCircuitState,
  getEntryState,
  getWaitMs,
  isSentBefore,
  openAtOnce,
} from './health-entry.ts'
import type { Entries, Entry, HealthState, UnhealthyModel } from './health-entry.ts'
import type { Quota } from './quota.ts'
import type { Refusal } from './refusal.ts'
import { defaultCircuit } from './routing-config.ts'
import type { CircuitConfig } from './routing-config.ts'

export type { HealthState } from './health-entry.ts'

/** What recent attempts say about an upstream's model. */
export interface Health {
  /** Whether a call that takes from a quota may be sent. */
  check(upstream: string, modelId: string, quota: Quota): HealthState
  /** A call is about to be sent. After `probe` it is the one call that tries an open circuit. */
  begin(upstream: string, modelId: string, quota: Quota): void
  /** `ranMs`: the time since the call was sent. An answer to a call from before the block says nothing about the quota. */
  succeed(upstream: string, modelId: string, quota: Quota, ranMs: number): void
  /** A failure of the upstream itself: it counts towards its circuit. `reason`: for operators. */
  fail(upstream: string, modelId: string, reason: string): void
  /** The account is refused: its circuit opens at once, for minutes, until a call that was sent later is answered. */
  reject(upstream: string, modelId: string, kind: Refusal, reason: string): void
  /** Why the circuit of a model at an upstream is open, if the account was refused. */
  findRefusal(upstream: string, modelId: string): Refusal | null
  /** A quota is exhausted. Null: the upstream did not say for how long. */
  block(upstream: string, modelId: string, quota: Quota, retryAfterMs: number | null): void
  /** Another process has learnt it: as if a call of this one had been refused. */
  merge(report: AccountReport): void
  /** All states that are not `healthy`, for operators. */
  list(): readonly UnhealthyModel[]
  /** The number of times that each circuit has opened since the start of the process. */
  listOpenings(): readonly CircuitOpenings[]
}

/**
 * What an upstream has said about its account, which is true for every process that uses it. A failed connection is not:
 * it may be of one machine.
 */
export type AccountReport = { readonly upstream: string; readonly model: string } & (
  | { readonly exhausted: Quota; readonly forMs: number }
  | { readonly refusal: Refusal; readonly reason: string }
)

export interface CircuitOpenings {
  readonly upstream: string
  readonly model: string
  readonly times: number
}

/** `share` gets what other processes have to know; undefined where this process is the only one. */
export function createHealth(
  circuit: Partial<CircuitConfig>,
  nowMs: () => number,
  share?: (report: AccountReport) => void,
): Health {
  const { failures: maxFailures, window_ms: windowMs, probe_ms: probeMs } = { ...defaultCircuit, ...circuit }
  const entries = createEntries()
  /** An answer deletes the entry of its model, but not this count. */
  const openings = new Map<string, CircuitOpenings>()
  const countOpening = (upstream: string, model: string): void => {
    const key = `${upstream}\0${model}`
    openings.set(key, { upstream, model, times: (openings.get(key)?.times ?? 0) + 1 })
  }
  const getState = (entry: Entry | undefined, quota: Quota): HealthState =>
    getEntryState(entry, quota, { nowMs: nowMs(), probeMs })
  return {
    check: (upstream, model, quota) => {
      const own = getState(entries.find(upstream, model), quota)
      const common = entries.findCommon(upstream)
      return common === undefined ? own : getWorse(own, getCircuitState(common, { nowMs: nowMs(), probeMs }))
    },
    begin: (upstream, model, quota) => {
      for (const entry of [entries.find(upstream, model), entries.findCommon(upstream)]) {
        if (entry === undefined || (entry.refusal !== null && quota === 'token_count')) continue
        if (getCircuitState(entry, { nowMs: nowMs(), probeMs }).kind === 'probe') entry.probedMs = nowMs()
      }
    },
    succeed: (upstream, model, quota, ranMs) => {
      const sentMs = nowMs() - ranMs
      const common = entries.findCommon(upstream)
      if (common !== undefined && endsRefusal(common, quota, sentMs)) entries.removeCommon(upstream)
      const entry = entries.find(upstream, model)
      if (entry === undefined) return
      const isClosed = endsRefusal(entry, quota, sentMs)
      if (isClosed) closeCircuit(entry)
      if (!isSentBefore(entry.blocks.get(quota), ranMs, nowMs())) entry.blocks.delete(quota)
      if (isClosed && entry.blocks.size === 0) entries.remove(upstream, model)
    },
    fail: (upstream, model, reason) => {
      const entry = entries.open(upstream, model)
      if (failEntry(entry, { reason, nowMs: nowMs(), maxFailures, windowMs })) countOpening(upstream, model)
    },
    reject: (upstream, model, kind, reason) => {
      const entry = openRefused(entries, { upstream, model, refusal: kind })
      const wasOpen = entry.openedMs !== null
      openAtOnce(entry, { kind, reason, nowMs: nowMs() })
      if (!wasOpen) countOpening(upstream, entry.model)
      share?.({ upstream, model, refusal: kind, reason: reason.slice(0, maxSharedReason) })
    },
    findRefusal: (upstream, model) =>
      entries.findCommon(upstream)?.refusal ?? entries.find(upstream, model)?.refusal ?? null,
    block: (upstream, model, quota, retryAfterMs) => {
      const { blocks } = entries.open(upstream, model)
      const known = blocks.get(quota)
      const forMs = Math.ceil(getWaitMs(known, nowMs(), retryAfterMs))
      blocks.set(quota, extendBlock(known, nowMs(), forMs))
      // Without an earlier wait, which may be over for a process that has an answer since then.
      if (forMs > 0) share?.({ upstream, model, exhausted: quota, forMs })
    },
    merge: (report) => mergeReport(entries, report, nowMs()),
    list: () =>
      entries
        .list()
        .map((entry) =>
          describeEntry(entry, { state: getState(entry, 'messages'), nowMs: nowMs(), windowMs }),
        ),
    listOpenings: () => [...openings.values()],
  }
}

function mergeReport(entries: Entries, report: AccountReport, nowMs: number): void {
  if ('refusal' in report) {
    openAtOnce(openRefused(entries, report), { kind: report.refusal, reason: report.reason, nowMs })
    return
  }
  const { blocks } = entries.open(report.upstream, report.model)
  blocks.set(report.exhausted, adoptBlock(blocks.get(report.exhausted), nowMs, report.forMs))
}

interface Refused {
  readonly upstream: string
  readonly model: string
  readonly refusal: Refusal
}

/** Other refusals than that of a model concern every model. */
function openRefused(entries: Entries, { upstream, model, refusal }: Refused): Entry {
  return refusal === 'model' ? entries.open(upstream, model) : entries.openCommon(upstream)
}

/** The state that keeps calls away for longer. */
function getWorse(one: HealthState, other: HealthState): HealthState {
  if (!('forMs' in one)) return other.kind === 'healthy' ? one : other
  return 'forMs' in other && other.forMs > one.forMs ? other : one
}

/** Upstreams explain themselves at length, and a message to other servers has a limit. */
const maxSharedReason = 300
