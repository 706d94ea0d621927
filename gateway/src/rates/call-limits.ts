import type { Model } from '@anthology/catalog'

import { readMaxTokens } from '../calls/call.ts'
import type { Call } from '../calls/call.ts'
import { ApiError, errors } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Limits } from '../limits.ts'
import { createCallQueue } from './queue.ts'
import type { CallQueue, QueueSlot, QueueRejection, QueuedCall } from './queue.ts'
import { estimateInputTokens } from './input-estimate.ts'
import type { ResolveName } from '../routing/name-resolver.ts'
import { createOpenStreams } from './open-streams.ts'
import type { OpenStreams } from './open-streams.ts'
import { unlimited } from './rates.ts'
import type { RatePermit, RateRejection, RateTaken, Rates } from './rates.ts'

/** The limits that a valid call passes before its upstream: the key's rates, open streams, and the upstream's queue. */
export interface CallLimits {
  /**
   * Throws an ApiError before the body is read if path or key already identify the model and the key has no requests
   * left for it.
   */
  rejectEarly(key: Key, modelName: string | null): void
  /** Reserves the estimated usage; throws an ApiError if there is too little. */
  admit(call: Call): AdmittedCall | Promise<AdmittedCall>
  /** Waits for a slot at an upstream; throws an ApiError if none is free in time. */
  enter(upstream: string, call: Call, response: ClientResponse): QueueSlot | Promise<QueueSlot>
  readonly findRemaining: Rates['findRemaining']
  readonly openStreams: OpenStreams
  readonly queues: ReadonlyMap<string, CallQueue>
}

export interface AdmittedCall {
  readonly permit: RatePermit
  /** Call it when the call has ended, with any outcome. */
  release(): void
}

export function createCallLimits(
  rates: Rates,
  limits: Limits,
  {
    nowMs,
    countLimit,
    resolveModel,
  }: {
    readonly nowMs: () => number
    readonly countLimit: (limit: keyof Limits) => void
    readonly resolveModel: ResolveName
  },
): CallLimits {
  const openStreams = createOpenStreams(limits)
  const queues = new Map<string, CallQueue>()

  return {
    openStreams,
    queues,
    findRemaining: (key, modelId, keyLimits) => rates.findRemaining(key, modelId, keyLimits),
    rejectEarly(key, modelName) {
      const model = findOnlyModel(key, modelName, resolveModel)
      const apiError = model === null ? null : rates.rejectEarly(key, model)
      if (apiError !== null) throw toRateLimitError(apiError)
    },
    admit(call) {
      // Free calls are not limited here; the API limits them separately.
      if (!call.billable) return freeCall
      const close = openStream(openStreams, call)
      const take = (taken: RateTaken) => {
        if (!taken.ok) close()
        return toAdmittedCall(taken, close)
      }
      const taken = rates.take(
        call.key,
        call.model,
        rates.applies(call.key, call.model) ? estimate(call) : noEstimate,
      )
      if (!(taken instanceof Promise)) return take(taken)
      return taken.then(take, (error: unknown) => {
        close()
        throw error
      })
    },
    enter(upstream, call, response) {
      const queue = queues.get(upstream) ?? createCallQueue(limits, nowMs)
      queues.set(upstream, queue)
      const entered = queue.enter(call.key.id)
      if (entered.kind === 'slot') return entered
      if (entered.kind === 'rejected') throw toQueueError(entered)
      countLimit('concurrentCalls')
      return waitForTurn(entered, response)
    },
  }
}

const freeCall: AdmittedCall = { permit: unlimited, release: () => {} }

/** The only model that the path or the key allows; null if the body decides. */
function findOnlyModel({ models }: Key, name: string | null, resolveModel: ResolveName): Model | null {
  const [only = null] = models?.size === 1 ? models : []
  const found = name === null && only === null ? null : resolveModel(name ?? only ?? '')
  return found?.ok === true ? found.model : null
}

function toAdmittedCall(taken: RateTaken, close: () => void): AdmittedCall {
  if (!taken.ok) throw toRateLimitError(taken)
  const release = () => {
    close()
    // Without effect if the call has already settled; otherwise it used no tokens.
    taken.settle(null, 'upstream_error')
  }
  return { permit: taken, release }
}

function openStream(openStreams: OpenStreams, call: Call): () => void {
  if (!call.stream) return () => {}
  const opened = openStreams.open(call.key.id)
  if (opened.ok) return () => opened.close()
  if (opened.limit === 'openStreams') {
    const message = 'Overloaded: too many streams are open, try again shortly'
    throw new ApiError('overloaded', message, errors.overloaded, { limit: 'openStreams' })
  }
  const message = 'Number of concurrent connections has exceeded your rate limit.'
  throw new ApiError('rate_limited', message, errors.rate_limited, { limit: 'openStreamsPerKey' })
}

/** For calls without limits: an estimate would scan the whole body. */
const noEstimate: Parameters<Rates['take']>[2] = { inputTokens: 0, maxTokens: null }

function estimate(call: Call): Parameters<Rates['take']>[2] {
  const maxTokens = readMaxTokens(call)
  return { inputTokens: estimateInputTokens(call.body, call.model.imageDetail), maxTokens }
}

/** If the client disconnects meanwhile, nothing is sent and nothing counts. */
async function waitForTurn(queued: QueuedCall, response: ClientResponse): Promise<QueueSlot> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const leave = () => {
    queued.cancel()
    resolve(null)
  }
  response.once('close', leave)
  if (response.destroyed) leave()
  const outcome = await Promise.race([queued.turn, promise])
  response.off('close', leave)
  if (outcome?.kind === 'slot') return outcome
  if (outcome !== null) throw toQueueError(outcome)
  throw new ApiError('body_aborted', 'the client went away while its call waited for its turn')
}

function toRateLimitError({ message, headers }: RateRejection): ApiError {
  return new ApiError('rate_limited', message, errors.rate_limited, { headers })
}

function toQueueError({ limit, retryAfterMs }: QueueRejection): ApiError {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
  const message = 'Overloaded: too many calls wait for the upstream, try again shortly'
  return new ApiError('overloaded', message, errors.overloaded, { limit, headers })
}
