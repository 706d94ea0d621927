import { resolve as resolveModel } from '@anthology/catalog'
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
import { createOpenStreams } from './open-streams.ts'
import type { OpenStreams } from './open-streams.ts'
import { unlimited } from './rates.ts'
import type { RatePermit, RateRejection, RateTaken, Rates } from './rates.ts'

/** What stands between a call that is right and the upstream: its key's rates, open streams, and the upstream's queue. */
export interface CallLimits {
  /** Throws a Refusal where it is certain before the body is read: the key has no request left for the model, which the path or the key itself names. */
  rejectEarly(key: Key, modelName: string | null): void
  /** Takes what the call may use; throws a Refusal when there is too little. */
  admit(call: Call): AdmittedCall | Promise<AdmittedCall>
  /** Waits for a place at an upstream; throws a Refusal when none comes in time. */
  enter(upstream: string, call: Call, response: ClientResponse): QueueSlot | Promise<QueueSlot>
  readonly openStreams: OpenStreams
  readonly queues: ReadonlyMap<string, CallQueue>
}

export interface AdmittedCall {
  readonly permit: RatePermit
  /** To be called when the call is over, whatever became of it. */
  release(): void
}

export function createCallLimits(
  rates: Rates,
  limits: Limits,
  { nowMs, countLimit }: { readonly nowMs: () => number; readonly countLimit: (limit: keyof Limits) => void },
): CallLimits {
  const openStreams = createOpenStreams(limits)
  const queues = new Map<string, CallQueue>()

  return {
    openStreams,
    queues,
    rejectEarly(key, modelName) {
      const model = findOnlyModel(key, modelName)
      const apiError = model === null ? null : rates.rejectEarly(key, model)
      if (apiError !== null) throw toRateLimitError(apiError)
    },
    admit(call) {
      // What costs nothing has limits of its own at the service, and none here.
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

/** The model that a call of the key will be of, whatever its body says; null: that is not certain. */
function findOnlyModel({ models }: Key, name: string | null): Model | null {
  const [only = null] = models?.size === 1 ? models : []
  const found = name === null && only === null ? null : resolveModel(name ?? only ?? '')
  return found?.ok === true ? found.model : null
}

function toAdmittedCall(taken: RateTaken, close: () => void): AdmittedCall {
  if (!taken.ok) throw toRateLimitError(taken)
  const release = () => {
    close()
    // No token was used by a call that never came to its end, or its end has said how many.
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

/** What is not limited need not be estimated, for which the whole body would be looked through. */
const noEstimate: Parameters<Rates['take']>[2] = { inputTokens: 0, maxTokens: null }

function estimate(call: Call): Parameters<Rates['take']>[2] {
  const maxTokens = readMaxTokens(call)
  return { inputTokens: estimateInputTokens(call.body, call.model.imageDetail), maxTokens }
}

/** The client may go while its call waits; then nothing is sent, and the call was never made. */
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
