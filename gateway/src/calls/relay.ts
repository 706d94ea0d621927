import type { Platform } from '@anthology/catalog'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import { errors } from '../errors.ts'
import { noticeHeader } from '../http/headers.ts'
import { clientClosedStatus } from './attempt.ts'
import type { Attempt, AttemptResult, Sink } from './attempt.ts'
import { decodeContent } from '../upstreams/content-decoding.ts'
import { emptyReading } from './meter.ts'
import { estimateUnreported } from './unreported-usage.ts'
import { anthropicAdapter } from '../upstreams/anthropic.ts'
import { filterSecrets } from '../upstreams/secret-filter.ts'
import { createPlainSink } from './plain-sink.ts'
import { createStreamSink } from './stream-sink.ts'
import { classifyFailure } from '../routing/failure.ts'
import { sliceMs } from '../slices.ts'

/**
 * Sends one attempt's request and streams the response to the client, except for its end, which is sent after the
 * ledger has stored the row (settle.ts). Resolves once, however the attempt ends, and never rejects.
 */
export function relay(attempt: Attempt): Promise<AttemptResult> {
  return new Promise((resolve) => new Relay(attempt, resolve).start())
}

class Relay implements Receiver {
  #attempt: Attempt
  #resolve: (end: AttemptResult) => void
  #sink: Sink | null = null
  #handle: UpstreamHandle | null = null
  #decoding
  #isSent = false
  #upstreamEnded = false
  #done = false
  /** The time of work on the answer since its last rest. */
  #workedMs = 0
  #isResting = false
  #wantsMore = false
  /** The client has disconnected, and the response is read for its usage only. */
  #muted = false
  #timer: NodeJS.Timeout | undefined
  #mutedTimer: NodeJS.Timeout | undefined
  #unwatchKey = () => {}
  #unwatchStop = () => {}

  constructor(attempt: Attempt, resolve: (end: AttemptResult) => void) {
    this.#attempt = attempt
    this.#resolve = resolve
    const { planned, limits } = attempt
    const { adapter = anthropicAdapter } = planned.account
    const { stream, billable } = attempt.call
    const receiver = adapter.createReceiver(filterSecrets(this, planned.account), {
      stream,
      countsTokens: !billable,
    })
    this.#decoding = decodeContent(receiver, () => this.#handle, limits.plainAnswerBytes)
  }

  start(): void {
    const { send, response, capture } = this.#attempt
    capture?.begin()
    response.once('close', this.#onClientClosed)
    if (response.destroyed) return this.#onClientClosed()
    this.#unwatchKey = this.#attempt.watchKey(() => this.fail(keyRevoked()))
    this.#unwatchStop = this.#attempt.watchStop(() => this.fail(shuttingDown()))
    if (this.#done) return
    this.#timer = setTimeout(() => this.fail(tooLong()), this.#attempt.limits.callMs)
    this.#isSent = true
    try {
      this.#handle = send(this.#decoding)
    } catch (error) {
      // The call's first row is already written, so it still needs an end row.
      return this.fail(error instanceof Error ? error : new Error(String(error)))
    }
    // An in-process upstream may have ended the attempt before `send` returned.
    if (this.#done) this.#handle.abort()
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    const notice = headers[noticeHeader]
    if (notice !== undefined) this.#attempt.call.notices.push(notice)
    const isSuccess = status >= 200 && status < 300
    const streamed = /^text\/event-stream\b/i.test(headers['content-type'] ?? '')
    this.#attempt.capture?.head(streamed)
    const options = {
      status,
      headers,
      firstByteMs: this.#attempt.nowMs() - this.#attempt.call.startedAtMs,
      resume: () => this.#resume(),
      done: (end: AttemptResult) => this.#finish(end),
    }
    this.#sink =
      isSuccess && streamed && this.#attempt.call.stream
        ? createStreamSink(this.#attempt, options)
        : createPlainSink(this.#attempt, { ...options, streamed })
    if (this.#muted) this.#sink.mute()
  }

  /** A fast upstream and a fast client take no turn of the event loop for an answer: after a slice of work on it, it rests for one. */
  chunk(bytes: Uint8Array): boolean {
    if (this.#done) return true
    this.#attempt.capture?.chunk(bytes)
    const startMs = performance.now()
    const wantsMore = this.#sink?.chunk(bytes) ?? true
    this.#workedMs += performance.now() - startMs
    if (this.#workedMs < sliceMs) return wantsMore
    this.#workedMs = 0
    this.#isResting = true
    this.#wantsMore = wantsMore
    setImmediate(() => {
      this.#isResting = false
      if (this.#wantsMore) this.#decoding.resume()
    })
    return false
  }

  #resume(): void {
    if (this.#isResting) this.#wantsMore = true
    else this.#decoding.resume()
  }

  end(): void {
    this.#upstreamEnded = true
    if (this.#sink === null) this.fail(new Error('the upstream ended without an answer'))
    else if (!this.#done) this.#sink.end()
  }

  fail(error: Error): void {
    if (this.#done) return
    if (this.#sink !== null) return this.#sink.fail(error)
    const failure = classifyFailure(error, this.#attempt.planned.account.name, false)
    this.#attempt.telemetry.countLimit(failure.limit)
    this.#finish({
      ...emptyResult,
      outcome: failure.outcome,
      status: errors[failure.error].status,
      reading: this.#isSent && failure.mayBeBilled ? estimateUnreported(this.#attempt.call) : emptyReading,
      finish: { kind: 'api_error', failure },
    })
  }

  #onClientClosed = (): void => {
    if (this.#done || this.#attempt.response.writableFinished) return
    if (this.#handle === null) return this.#finish(emptyResult)
    const { planned, limits, abandonedReads } = this.#attempt
    if (!billsAbandoned.has(planned.account.platform) || !abandonedReads.enter()) return this.#abandon()
    this.#muted = true
    this.#sink?.mute()
    this.#resume()
    this.#mutedTimer = setTimeout(() => {
      this.#attempt.telemetry.countLimit('abandonedReadMs')
      this.#abandon()
    }, limits.abandonedReadMs)
  }

  /** Ends the attempt of a client that has disconnected, without the rest of the response. */
  #abandon(): void {
    if (this.#sink !== null) return this.#sink.abandon()
    this.#finish({ ...emptyResult, reading: estimateUnreported(this.#attempt.call) })
  }

  #finish(end: AttemptResult): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#timer)
    clearTimeout(this.#mutedTimer)
    if (this.#muted) this.#attempt.abandonedReads.leave()
    this.#unwatchKey()
    this.#unwatchStop()
    this.#attempt.response.off('close', this.#onClientClosed)
    // The client's stream may be complete while the upstream still keeps the connection open.
    if (!this.#upstreamEnded) this.#handle?.abort()
    this.#decoding.destroy()
    if (!this.#muted) return this.#resolve(end)
    // The response may have begun before the client disconnected.
    const status = this.#attempt.response.headersSent ? 200 : clientClosedStatus
    this.#resolve({ ...end, ...closedByClient, status })
  }
}

/**
 * Platforms that bill a response to its end although nobody reads it: Amazon Bedrock logs and bills the whole
 * completion after a disconnect (BerriAI/litellm#36008). The others stop generating when the connection closes.
 */
const billsAbandoned: ReadonlySet<Platform> = new Set(['bedrock'])

const closedByClient = {
  outcome: 'client_closed',
  status: clientClosedStatus,
  finish: { kind: 'aborted' },
} as const

/** The result of an attempt whose client disconnected before a response began. */
const emptyResult: AttemptResult = {
  ...closedByClient,
  reading: emptyReading,
  upstreamRequestId: null,
  upstreamHeaders: null,
  emptyQuotas: [],
  firstByteMs: null,
  firstTokenMs: null,
}

function keyRevoked(): Error {
  return Object.assign(new Error('the key was revoked'), { code: 'KEY_REVOKED' })
}

function shuttingDown(): Error {
  return Object.assign(new Error('the gateway is shutting down'), { code: 'SHUTTING_DOWN' })
}

/** Guards against an upstream that keeps sending a few bytes and never ends its response. */
function tooLong(): Error {
  return Object.assign(new Error('the answer took too long'), { code: 'CALL_TOO_LONG' })
}
