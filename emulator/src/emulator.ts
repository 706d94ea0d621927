import { models as catalogModels } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'
import type { Receiver, Upstream, UpstreamHandle } from '@anthology/wire'

import { createSwapList } from './http/swap-list.ts'
import { createBatchStore } from './api/batches/batch-store.ts'
import type { AwsCredentials, FoundryResource } from './settings.ts'
import { createCacheStore } from './cache/store.ts'
import { createCalendar } from './clock.ts'
import { createCapacity } from './capacity/capacity.ts'
import type { CapacityOptions } from './capacity/capacity.ts'
import { createFileStore } from './api/files/file-store.ts'
import { createIdGenerator } from './ids.ts'
import { startPacer } from './http/pacer.ts'
import type { Pacer } from './http/pacer.ts'
import { dispatch } from './api/dispatch.ts'
import type { Settings } from './settings.ts'
import { createSchemaChecker } from './tools/schema-check.ts'
import { createFetch, createRequestLog } from './http/fetch.ts'
import type { Fetch, SeenRequest } from './http/fetch.ts'
import { createTickScheduler } from './http/tick-scheduler.ts'
import type { EmulatorRequest } from './request.ts'

export interface EmulatorOptions {
  /** Answers and ids are a function of the seed; two emulators with one seed say the same. */
  readonly seed?: string
  /** The clock of `asOf`. */
  readonly now?: () => number
  /** The models to stand in for; default all of the catalog. */
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
  /** The Foundry resource behind `/anthropic`: its keys (default: `keys`), and deployments with other names than their models. */
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
}

export interface FoundryOptions {
  readonly keys?: readonly string[] | null
  readonly deployments?: Readonly<Record<string, string>>
}

export interface Emulator extends Upstream {
  send(request: EmulatorRequest, receiver: Receiver): UpstreamHandle
  /** Answers like `fetch`, without a port: for a client that takes one. */
  readonly fetch: Fetch
  /** What was sent, oldest first; the oldest are forgotten. */
  readonly requests: readonly SeenRequest[]
  /** Forgets what was sent and all that was made of it, as if just created. What is under way goes on. */
  reset(): void
  /** Fails what is under way, and whatever is sent afterwards. */
  close(): void
}

/** An offline stand-in for the Claude API: same shapes, same refusals, made-up words. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  let settings = readSettings(options)
  const log = createRequestLog()
  const { tokensPerSecond = 0, keepRequests = true } = options
  const running = createSwapList<Pacer>()
  const schedule = createTickScheduler()
  let isClosed = false

  const send = (request: EmulatorRequest, receiver: Receiver): UpstreamHandle => {
    if (keepRequests) log.add(request)
    const makeReply = () => {
      if (isClosed) throw new EmulatorError('closed', 'the emulator is closed')
      return dispatch(request, settings)
    }
    let leave = (): void => {}
    const done = (): void => leave()
    const pacer = startPacer(makeReply, receiver, { tokensPerSecond, schedule, done })
    leave = running.add(pacer)
    return pacer
  }
  return {
    send,
    fetch: createFetch(send),
    requests: log.entries,
    reset: () => {
      settings = readSettings(options)
      log.clear()
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
  { keys, deployments = {} }: FoundryOptions,
  ownKeys: readonly string[] | null,
): FoundryResource {
  const accepted = keys === undefined ? ownKeys : keys
  return { keys: accepted && new Set(accepted), deployments: new Map(Object.entries(deployments)) }
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
    servedModels: {
      models: options.models ?? catalogModels,
      lifecycle,
      asOf: () => options.asOf ?? today(),
    },
  }
}
