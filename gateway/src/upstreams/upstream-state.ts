import type { CallLimits } from '../rates/call-limits.ts'
import type { Health, HealthState } from '../routing/health.ts'
import type { Quota } from '../routing/quota.ts'
import type { Refusal } from '../routing/refusal.ts'
import type { QuotaBuckets } from '../routing/quota-buckets.ts'
import { computeMedian } from '../telemetry/first-token-times.ts'
import type { FirstTokenTimes } from '../telemetry/first-token-times.ts'
import type { UpstreamAccount } from './account.ts'
import type { CredentialHealth } from './credential-health.ts'

/** The state of one upstream in one process, as plain data for messages between processes. */
export interface UpstreamState {
  readonly upstream: string
  readonly openCalls: number
  readonly queuedCalls: number
  /** Open connections to the upstream, and how often all of them were in use. */
  readonly connections: number
  readonly connectionsFull: number
  readonly rejection: string | null
  readonly models: readonly ModelState[]
}

/** The state of one model at an upstream. Times are in milliseconds since 1970. */
export interface ModelState {
  readonly model: string
  /** The state for a call that takes from the quota of messages. */
  readonly state: HealthState['kind']
  /** Failures within the window of the circuit. */
  readonly failures: number
  readonly lastFailureAtMs: number | null
  /** The reason of the last failure, for operators. */
  readonly lastFailure: string | null
  /** The circuit is open because the account was refused. */
  readonly refusal: Refusal | null
  readonly openSinceMs: number | null
  /** The number of times that the circuit has opened since the start. */
  readonly openings: number
  /** When the next call may be sent; null: now. */
  readonly nextTryAtMs: number | null
  /** The quotas that are exhausted, each with the time at which it is tried again. */
  readonly exhausted: readonly { readonly quota: Quota; readonly untilMs: number }[]
  readonly recentFirstTokenMs: readonly number[]
  /** Null if the platform has no quota that is counted here. */
  readonly quota: QuotaState | null
}

/** Tokens of a quota per minute: what counts now, and the limit; null: not configured. */
export interface QuotaState {
  readonly usedTokens: number
  readonly limitTokens: number | null
}

/** The parts of the gateway that know a state. */
export interface StateSources {
  readonly accounts: readonly UpstreamAccount[]
  readonly health: Pick<Health, 'list' | 'listOpenings'>
  readonly quotas: Pick<QuotaBuckets, 'list'>
  readonly firstTokens: Pick<FirstTokenTimes, 'list'>
  readonly callLimits: Pick<CallLimits, 'queues'>
  readonly credentials: Pick<CredentialHealth, 'findRejection'>
  readonly nowMs: () => number
}

/** Reads the state of every upstream in this process. */
export function readUpstreamStates(sources: StateSources): readonly UpstreamState[] {
  const { accounts, callLimits, credentials } = sources
  return accounts.map((account) => {
    const { name } = account
    const queue = callLimits.queues.get(name)
    return {
      upstream: name,
      openCalls: queue?.running ?? 0,
      queuedCalls: queue?.waiting ?? 0,
      connections: account.connections?.() ?? 0,
      connectionsFull: account.connectionsFull?.() ?? 0,
      rejection: credentials.findRejection(name),
      models: readModelStates(sources, name),
    }
  })
}

function readModelStates(
  { health, firstTokens, quotas, nowMs }: StateSources,
  upstream: string,
): readonly ModelState[] {
  const now = nowMs()
  const isHere = (each: { readonly upstream: string }): boolean => each.upstream === upstream
  const toTime = (agoMs: number | null): number | null => (agoMs === null ? null : now - agoMs)
  const unhealthy = new Map(
    health
      .list()
      .filter(isHere)
      .map((each) => [each.model, each]),
  )
  const times = new Map(
    firstTokens
      .list()
      .filter(isHere)
      .map((each) => [each.model, each.recentMs]),
  )
  const uses = new Map(
    quotas
      .list()
      .filter(isHere)
      .map(({ model, usedTokens, limitTokens }) => [model, { usedTokens, limitTokens }]),
  )
  const openings = new Map(
    health
      .listOpenings()
      .filter(isHere)
      .map((each) => [each.model, each.times]),
  )
  const models = new Set([...unhealthy.keys(), ...times.keys(), ...uses.keys(), ...openings.keys()])
  return [...models].map((model) => {
    const found = unhealthy.get(model)
    const state: HealthState = found?.state ?? { kind: 'healthy' }
    return {
      model,
      state: state.kind,
      failures: found?.failures ?? 0,
      lastFailureAtMs: toTime(found?.lastFailureAgoMs ?? null),
      lastFailure: found?.lastFailure ?? null,
      refusal: found?.refusal ?? null,
      openSinceMs: toTime(found?.openedAgoMs ?? null),
      openings: openings.get(model) ?? 0,
      nextTryAtMs: 'forMs' in state ? now + state.forMs : null,
      exhausted: found?.exhausted.map(({ quota, forMs }) => ({ quota, untilMs: now + forMs })) ?? [],
      recentFirstTokenMs: times.get(model) ?? [],
      quota: uses.get(model) ?? null,
    }
  })
}

/**
 * Combines the states of the processes of one server: counts are added, and of each model the worst state counts,
 * because a part of the calls meets it.
 */
export function mergeUpstreamStates(
  processes: readonly (readonly UpstreamState[])[],
): ReadonlyMap<string, UpstreamState> {
  const merged = new Map<string, UpstreamState>()
  for (const state of processes.flat()) {
    const before = merged.get(state.upstream)
    merged.set(state.upstream, before === undefined ? state : addStates(before, state))
  }
  return merged
}

function addStates(one: UpstreamState, other: UpstreamState): UpstreamState {
  const models = new Map<string, ModelState>()
  for (const state of [...one.models, ...other.models]) {
    const before = models.get(state.model)
    models.set(state.model, before === undefined ? state : addModelStates(before, state))
  }
  return {
    upstream: one.upstream,
    openCalls: one.openCalls + other.openCalls,
    queuedCalls: one.queuedCalls + other.queuedCalls,
    connections: one.connections + other.connections,
    connectionsFull: one.connectionsFull + other.connectionsFull,
    rejection: one.rejection ?? other.rejection,
    models: [...models.values()],
  }
}

const worstFirst: readonly HealthState['kind'][] = ['blocked', 'open', 'probe', 'healthy']

function addModelStates(one: ModelState, other: ModelState): ModelState {
  const isWorse = worstFirst.indexOf(other.state) < worstFirst.indexOf(one.state)
  const worse = isWorse ? other : one
  const isLater = (other.lastFailureAtMs ?? 0) > (one.lastFailureAtMs ?? 0)
  return {
    ...worse,
    failures: Math.max(one.failures, other.failures),
    lastFailureAtMs: isLater ? other.lastFailureAtMs : one.lastFailureAtMs,
    lastFailure: isLater ? other.lastFailure : one.lastFailure,
    openings: one.openings + other.openings,
    exhausted: addExhausted(one.exhausted, other.exhausted),
    recentFirstTokenMs: [...one.recentFirstTokenMs, ...other.recentFirstTokenMs],
    quota: addQuotas(one.quota, other.quota),
  }
}

/** Each quota until the latest time of any process. */
function addExhausted(...both: [ModelState['exhausted'], ModelState['exhausted']]): ModelState['exhausted'] {
  const latest = new Map(
    both
      .flat()
      .toSorted((one, other) => one.untilMs - other.untilMs)
      .map((each) => [each.quota, each]),
  )
  return [...latest.values()]
}

function addQuotas(one: QuotaState | null, other: QuotaState | null): QuotaState | null {
  if (one === null || other === null) return one ?? other
  // The limit is that of the whole server.
  return { ...one, usedTokens: one.usedTokens + other.usedTokens }
}

/** The median time to first token of a model's recent streams; null without any. */
export function getMedianFirstTokenMs({ recentFirstTokenMs }: ModelState): number | null {
  return computeMedian(recentFirstTokenMs)
}
