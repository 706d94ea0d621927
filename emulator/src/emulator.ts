import { models as catalogModels } from '@anthology/catalog'
import type { FoundryHosting, LifecycleMode, Model } from '@anthology/catalog'
import type { Receiver, Upstream, UpstreamHandle } from '@anthology/wire'

import { createSwapList } from './http/swap-list.ts'
import { createBatchStore } from './api/batches/batch-store.ts'
import type { AwsCredentials, FoundryResource } from './options/settings.ts'
import { createCacheStore } from './cache/store.ts'
import { checkOptions } from './options/check-options.ts'
import { createAdvancedClock, createCalendar } from './clock.ts'
import { createCapacity } from './capacity/capacity.ts'
import { addReplayReports } from './cassettes/replay/replay-totals.ts'
import { createReplay } from './cassettes/replay/replay.ts'
import { sendLive } from './cassettes/replay/send-live.ts'
import type { ReplayOptions } from './cassettes/replay/replay.ts'
import type { CapacityOptions } from './capacity/capacity.ts'
import { createFileStore } from './api/files/file-store.ts'
import { createIdGenerator } from './ids.ts'
import { startPacer } from './http/pacer.ts'
import type { Pacer } from './http/pacer.ts'
import { dispatch } from './api/dispatch.ts'
import { chooseLiveFault } from './api/live-fault.ts'
import { FaultError } from './faults/fault-error.ts'
import type { Settings } from './options/settings.ts'
import { maxUnslicedBytes } from './steps.ts'
import type { Steps } from './steps.ts'
import type { Reply } from './http/reply.ts'
import { checkScenario } from './scenario/parse-scenario.ts'
import type { Fault, Rule, Scenario } from './scenario/scenario.ts'
import { createScript, emptyScenario } from './scenario/script.ts'
import { createScriptControl } from './scenario/script-control.ts'
import type { EmulatorReport } from './scenario/verify.ts'
import { createSchemaChecker } from './tools/schema-check.ts'
import { addDecision, createFetch, createRequestLog } from './http/fetch.ts'
import type { Fetch, SeenRequest } from './http/fetch.ts'
import { createTickScheduler } from './http/tick-scheduler.ts'
import { expectRequests, findRequests } from './requests/expect-requests.ts'
import type { ExpectedCount } from './requests/expect-requests.ts'
import type { RequestFilter } from './requests/request-filter.ts'
import type { EmulatorRequest } from './request.ts'

export interface EmulatorOptions {
  /** Answers and ids are a function of the seed; two emulators with one seed return the same. */
  readonly seed?: string
  /** The clock of `asOf`. */
  readonly now?: () => number
  /** The models to serve; default all of the catalog. */
  readonly models?: readonly Model[]
  /** 0, the default, answers as fast as the receiver takes it. */
  readonly tokensPerSecond?: number
  /** Default `ignore`: every model is served, a retired one with a notice. */
  readonly lifecycle?: LifecycleMode
  /** `YYYY-MM-DD`, default today. */
  readonly asOf?: string
  /** The keys that are let in; null, the default, lets in any key and none. */
  readonly keys?: readonly string[] | null
  /** Pairs of AWS; with them a call on Bedrock's paths must be signed by one, or bear one of `keys`. */
  readonly awsCredentials?: readonly AwsCredentials[] | null
  /** The Foundry resource behind `/anthropic`: its keys (default: `keys`), deployments with other names than their models, and their hosting. */
  readonly foundry?: FoundryOptions
  /** Rate limits and priority capacity; by default no call is rejected, and the headers report the highest limits. */
  readonly capacity?: CapacityOptions
  /** How long a message batch is in progress on the clock; 0, the default: until the next look at it. */
  readonly batchDurationMs?: number
  /** Whether `requests` keeps what was sent, for tests to look at; default true. A server keeps nothing of anybody's. */
  readonly keepRequests?: boolean
  /** What the ids of messages, batches and files are a function of; default the seed. A server takes a new one for each start. */
  readonly idSeed?: string
  /** Makes the `request-id` of each response. */
  readonly requestIds?: () => string
  /** What to answer, and where to fail; default: only the emulator's own answers. */
  readonly scenario?: Scenario
  /** Recordings that answer, and where to record what they lack; default: none. */
  readonly replay?: ReplayOptions
}

export interface FoundryOptions {
  readonly keys?: readonly string[] | null
  readonly deployments?: Readonly<Record<string, string>>
  /** The host of the deployments; `azure` rejects the features that these lack. Default `anthropic`. */
  readonly hosting?: FoundryHosting
}

export interface Emulator extends Upstream {
  send(request: EmulatorRequest, receiver: Receiver): UpstreamHandle
  /** Answers like `fetch`, without a port: for a client that takes one. */
  readonly fetch: Fetch
  /** What was sent, oldest first; the oldest are forgotten. */
  readonly requests: readonly SeenRequest[]
  /** Keeps requests from now on, where the option `keepRequests` is false. Returns whether it did not keep them before. */
  keepRequests(): boolean
  /** The kept requests that meet all conditions, oldest first. Throws a TypeError if the filter is not valid. */
  findRequests(filter: RequestFilter): readonly SeenRequest[]
  /**
   * Returns the kept requests that meet all conditions. Throws a RequestExpectationError, with the list of requests and
   * the nearest one, unless their number is the expected one: by default at least 1.
   */
  expectRequests(filter: RequestFilter, expected?: ExpectedCount): readonly SeenRequest[]
  /**
   * Moves the clock of caches, batches, files and rate limits forward, by milliseconds, and returns its time in ms. Throws
   * a RangeError if they are negative, or more than 100 years since the last reset.
   */
  advanceClock(ms: number): number
  /** Appends a rule, or all rules of a scenario. Throws a ScenarioError if it is not valid. */
  use(added: Rule | Scenario): void
  /** Replaces the scenario. Throws a ScenarioError if it is not valid. */
  replaceScenario(scenario: Scenario): void
  /** The next requests, one by default, get this fault. Throws a ScenarioError if it is not valid. */
  failNext(fault: Fault, times?: number): void
  /**
   * Throws a VerificationError if a rule was not used, or a call met no rule and no recording. Unused recordings are in
   * `unusedRecordings` and in the reports: tests that share a folder do not use all of it.
   */
  verify(): void
  /** The unused rules, the unmatched calls and the unused recordings, since the last reset. */
  report(): EmulatorReport
  /**
   * The same over all resets: rules of the first scenario that were never used, other rules that were not used before
   * the reset that removed them, unmatched calls, and recordings that were never used.
   */
  totalReport(): EmulatorReport
  /** The recordings that answered no request, such as `weather-1f2e3d4c.yaml, exchange 2`. */
  readonly unusedRecordings: readonly string[]
  /** The rules in use. */
  readonly scenario: Scenario
  /**
   * Forgets what was sent and all that was made of it, counters, one-shot faults, added rules and the advance of the
   * clock, as if just created. What is under way goes on, but for answers that a fault has stalled: their connections
   * are cut.
   */
  reset(): void
  /** Fails what is under way, and whatever is sent afterwards. */
  close(): void
}

/**
 * An offline emulator of the Claude API: the same formats, errors and usage figures, with sample texts. Throws a TypeError
 * for an option that does not exist or has a value that it does not accept, a ScenarioError and a CassetteError for those
 * of `scenario` and `replay`.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  checkOptions(options)
  const clock = createAdvancedClock(options.now ?? Date.now)
  const withClock = { ...options, now: clock.now }
  let settings = readSettings(withClock)
  const { endPeriod, ...scripted } = addReplayReports(
    createScriptControl(() => settings.script),
    () => settings.replay,
  )
  const log = createRequestLog(options.keepRequests)
  const { tokensPerSecond = 0 } = options
  const running = createSwapList<Pacer>()
  const schedule = createTickScheduler()
  let isClosed = false

  const send = (request: EmulatorRequest, receiver: Receiver): UpstreamHandle => {
    const entry = log.add(request)
    const isSliced = (request.body?.length ?? 0) > maxUnslicedBytes
    const makeReply = function* (): Steps<Reply> {
      if (isClosed) throw new EmulatorError('closed', 'the emulator is closed')
      const { reply, exchange } = yield* dispatch(request, settings)
      addDecision(entry, exchange, reply.status)
      return reply
    }
    let leave = (): void => {}
    const done = (): void => leave()
    const live = isClosed ? null : (settings.replay?.chooseLive(request) ?? null)
    if (live !== null) {
      const forwarded = sendLive(live, receiver, {
        fault: chooseLiveFault(request, settings),
        pacing: { tokensPerSecond: 0, schedule, done },
        onFaulted: (exchange, status) => addDecision(entry, exchange, status),
      })
      leave = running.add(forwarded)
      return forwarded
    }
    const pacer = startPacer(makeReply(), receiver, { tokensPerSecond, schedule, done, isSliced })
    leave = running.add(pacer)
    return pacer
  }
  return {
    send,
    fetch: createFetch(send),
    requests: log.entries,
    keepRequests: log.keep,
    findRequests: (filter) => findRequests(log.entries, filter),
    expectRequests: (filter, expected) => expectRequests(log.entries, filter, expected),
    advanceClock: (ms) => {
      clock.advance(ms)
      return clock.now()
    },
    ...scripted,
    get unusedRecordings() {
      return (settings.replay?.listUnused() ?? []).map(({ label }) => label)
    },
    get scenario() {
      return settings.script.scenario()
    },
    reset: () => {
      endPeriod()
      clock.reset()
      settings = readSettings(withClock)
      log.clear()
      for (const pacer of running.items()) pacer.failStall(new FaultError('cut'))
    },
    close: () => {
      isClosed = true
      for (const pacer of running.items()) pacer.fail(new EmulatorError('closed', 'the emulator was closed'))
    },
  }
}

export class EmulatorError extends Error {
  readonly code: 'closed'

  constructor(code: 'closed', message: string) {
    super(message)
    this.name = 'EmulatorError'
    this.code = code
  }
}

function readFoundry(
  { keys, deployments = {}, hosting = 'anthropic' }: FoundryOptions,
  ownKeys: readonly string[] | null,
): FoundryResource {
  const accepted = keys === undefined ? ownKeys : keys
  return { keys: accepted && new Set(accepted), deployments: new Map(Object.entries(deployments)), hosting }
}

/** All that a new emulator has, and one that was reset. */
export function readSettings(options: EmulatorOptions): Settings {
  const { seed = 'anthology', now = Date.now, lifecycle = 'ignore', keys = null } = options
  const today = createCalendar(now)
  const ids = createIdGenerator(seed, { idSeed: options.idSeed, nextRequestId: options.requestIds })
  return {
    seed,
    ids,
    keys: keys && new Set(keys),
    awsCredentials: options.awsCredentials ?? null,
    foundry: readFoundry(options.foundry ?? {}, keys),
    tokensPerSecond: options.tokensPerSecond ?? 0,
    now,
    batches: createBatchStore({ durationMs: options.batchDurationMs ?? 0 }),
    files: createFileStore(),
    cache: createCacheStore(),
    capacity: createCapacity(options.capacity ?? {}, { organizationId: ids.organizationId, now }),
    checker: createSchemaChecker(),
    replay: options.replay ? createReplay(options.replay) : null,
    script: createScript(options.scenario ? checkScenario(options.scenario) : emptyScenario, seed),
    servedModels: {
      models: options.models ?? catalogModels,
      lifecycle,
      asOf: () => options.asOf ?? today(),
    },
  }
}
