import { createFrameScanner, encodeSse, parseJson, readData, readSseEvents } from '@anthology/wire'
import type { Frame } from '@anthology/wire'

import { createDeliveredTokens } from './delivered-tokens.ts'
import { describeErrorEvent } from './error-event.ts'
import { errors } from '../errors.ts'
import { readEmptyQuotas } from '../upstreams/reported-quota.ts'
import { createStreamMeter } from './meter.ts'
import type { Reading } from './meter.ts'
import { GatedFrames } from './gated-frames.ts'
import { OutputGate } from './output-gate.ts'
import { encodeApiError } from '../http/respond.ts'
import { classifyFailure, createFailure } from '../routing/failure.ts'
import type { Failure, FailureKind } from '../routing/failure.ts'
import { clientClosedStatus } from './attempt.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'
import { createHeldEvents } from './held-events.ts'
import type { HeldEvents } from './held-events.ts'
import { createSilenceTimer } from './silence-timer.ts'
import type { SilenceTimer } from './silence-timer.ts'
import { isPrelude } from './stream-prelude.ts'
import { StreamOutput } from './stream-output.ts'
import { translateTail } from './stream-tail.ts'
import type { TranslatedTail } from './stream-tail.ts'
import { estimateUnreported } from './unreported-usage.ts'

/**
 * Forwards a stream event by event and holds back only the last event until the
 * ledger has stored the row. Only complete events are sent: if an upstream fails in
 * the middle of one, the client gets a well-formed stream that ends with an error event.
 * A failure before the first event is an error response, which a client can retry. If another upstream could be asked,
 * the stream's beginning waits for its first content, so that a stream that fails before it can still move.
 * A client that gets nothing for `pingAfterMs` gets a ping, even if the upstream has sent nothing after its head: the
 * response head goes out with it, and a later failure is an error event.
 */
export function createStreamSink(attempt: Attempt, options: SinkOptions): Sink {
  return new StreamSink(attempt, options)
}

class StreamSink implements Sink {
  #attempt: Attempt
  #options: SinkOptions
  #scanner
  #meter = createStreamMeter()
  #delivered
  #readUsage = () => this.#meter.usage
  #firstTokenMs: number | null = null
  #output
  /** The events before the first content, not yet translated; null once they are released. */
  #held: HeldEvents | null
  /** An event other than an error was released, so the response is a stream. */
  #began = false
  /** The client has disconnected, and the stream is read for its usage only. */
  #muted = false
  /** The last event and everything after it. */
  #tail: Frame[] = []
  #tailBytes = 0
  #last: 'message_stop' | 'error' | null = null
  #endTimer: NodeJS.Timeout | null = null
  #finished = false
  #isCutByBudget = false
  /** Null if no budget bounds the output. */
  #gated: GatedFrames | null = null
  /** Null if the protocol has no pings. */
  #silence: SilenceTimer | null = null

  constructor(attempt: Attempt, options: SinkOptions) {
    this.#attempt = attempt
    this.#options = options
    this.#scanner = createFrameScanner({
      maxFrameBytes: attempt.limits.frameBytes,
      offsets: attempt.call.translator.wantsOffsets === true,
    })
    this.#delivered = createDeliveredTokens(attempt.planned.model)
    this.#output = new StreamOutput(attempt, options)
    this.#held = attempt.canMove ? createHeldEvents(attempt, () => this.#release()) : null
    const { ping } = attempt.call.translator
    if (ping !== undefined)
      this.#silence = createSilenceTimer(attempt.pingAfterMs, () => this.#sendPing(ping))
    if (attempt.money.isBounded)
      this.#gated = new GatedFrames({
        gate: new OutputGate(attempt.money),
        take: (frame) => this.#take(frame),
        onDenied: () => this.#endAtBudget(),
        resume: options.resume,
      })
    attempt.telemetry.running.streams += 1
  }

  chunk(bytes: Uint8Array): boolean {
    try {
      return this.#takeAll(this.#scanner.push(bytes))
    } catch (error) {
      this.fail(toError(error))
      return false
    }
  }

  end(): void {
    if (this.#gated?.defer(() => this.end()) === true) return
    // A complete last event counts even without its blank line; a truncated one would break the client's parser.
    if (this.#last === null && this.#scanner.rest().byteLength > 0) {
      try {
        this.#takeAll(
          this.#scanner.push(blankLine).filter((frame) => parseJson(readData(frame.bytes)) !== undefined),
        )
      } catch (error) {
        return this.fail(toError(error))
      }
    }
    if (this.#last === null) return this.fail(new Error('the stream ended without message_stop'))
    this.#finishComplete()
  }

  fail(error: Error): void {
    if (this.#gated?.defer(() => this.fail(error)) === true) return
    // After its last event the response is complete, however the connection ends.
    if (this.#last !== null) return this.#finishComplete()
    this.#failWith(classifyFailure(error, this.#attempt.planned.account.name, true))
  }

  #failWith(failure: Failure): void {
    this.#attempt.telemetry.countLimit(failure.limit)
    if (!this.#began) return this.#finishUnopened(failure)
    this.#tail.push(this.#createErrorFrame(failure))
    this.#finish(failure.outcome)
  }

  /** Ends a stream for a fault of its events, and pauses the upstream. */
  #reject(kind: FailureKind): false {
    this.#failWith(createFailure(kind, this.#attempt.planned.account.name))
    return false
  }

  /** The stream has its last event. */
  #finishComplete(): void {
    const [frame] = this.#tail
    if (this.#began || frame === undefined)
      return this.#finish(this.#last === 'error' ? 'upstream_aborted' : 'answered')
    const result = describeErrorEvent(this.#attempt, { ...this.#options, frame, meter: this.#meter })
    if (result !== null) this.#report(result)
  }

  /** Nothing was sent yet, so the client gets an error response instead of a stream. */
  #finishUnopened(failure: Failure): void {
    const { outcome, error } = failure
    // The client has received nothing of a stream that broke off before its content.
    const mayMove = failure.mayMove || (this.#held !== null && outcome === 'upstream_aborted')
    this.#report({
      outcome,
      status: errors[error].status,
      reading: this.#read(failure.mayBeBilled),
      finish: { kind: 'api_error', failure: { ...failure, mayMove } },
    })
  }

  #createErrorFrame({ error, message }: Failure): Frame {
    const json = encodeApiError(errors[error], message, this.#attempt.call.id).toString()
    this.#meter.take(json)
    return { kind: 'error', bytes: encodeSse('error', json) }
  }

  abandon(): void {
    this.#finish('client_closed')
  }

  mute(): void {
    this.#muted = true
    this.#began = true
    this.#held?.release()
    this.#held = null
  }

  #takeAll(frames: readonly Frame[]): boolean {
    if (this.#gated !== null) return this.#gated.push(frames)
    let wantsMore = true
    for (const frame of frames) wantsMore = this.#take(frame) && wantsMore
    return wantsMore
  }

  #take(frame: Frame): boolean {
    if (this.#finished) return false
    if (this.#last !== null) {
      // Another event after the last one would be an error for clients, in a call that is answered.
      if (!readSseEvents(frame.bytes).next()) this.#tail.push(frame)
      this.#tailBytes += frame.bytes.byteLength
      // Backpressure for an upstream that keeps sending after its last event, until `streamEndMs` ends it.
      return this.#tailBytes < maxHeldBytes
    }
    switch (frame.kind) {
      case 'plain':
        if (!this.#meter.hasMessage && !isPrelude(frame.bytes)) return this.#reject('not_an_answer')
        // The scanner counts all events of content of its chunk, also those behind this frame.
        this.#delivered.observe(frame.bytes, this.#firstTokenMs === null ? 0 : this.#scanner.contentEvents)
        return this.#write(frame)
      case 'first_content':
        if (!this.#meter.hasMessage) return this.#reject('not_an_answer')
        this.#firstTokenMs = this.#attempt.nowMs() - this.#attempt.call.startedAtMs
        this.#delivered.observe(frame.bytes, 1)
        return this.#write(frame)
      case 'message_start':
      case 'message_delta':
        this.#meter.take(readData(frame.bytes))
        return this.#meter.hasMessage ? this.#write(frame) : this.#reject('not_an_answer')
      case 'broken':
        return this.#reject('broken_event')
      case 'message_stop':
      case 'error':
        if (frame.kind !== 'error' && !this.#meter.hasMessage) return this.#reject('not_an_answer')
        this.#meter.take(readData(frame.bytes))
        // A message without content is an answer too.
        if (frame.kind === 'message_stop') this.#release()
        this.#last = frame.kind
        this.#tail.push(frame)
        this.#endTimer = setTimeout(() => this.end(), streamEndMs)
        return true
    }
  }

  #write(frame: Frame): boolean {
    if (this.#muted) return true
    if (this.#held?.hold(frame) === true) return true
    this.#release()
    return this.#translate(frame)
  }

  /** Sends what was held. */
  #release(): void {
    const held = this.#held?.release() ?? []
    this.#held = null
    for (const frame of held) this.#translate(frame)
  }

  #translate(frame: Frame): boolean {
    let bytes
    try {
      bytes = this.#attempt.call.translator.translateEvent(frame, this.#readUsage)
    } catch {
      return this.#reject('untranslatable')
    }
    this.#began = true
    return this.#send(bytes)
  }

  /** Everything that was sent before is complete events, so a ping is never inside one. */
  #sendPing(ping: Uint8Array): void {
    const isOver = this.#finished || this.#muted || this.#last !== null
    // A client that does not read what is queued needs no more of it.
    if (isOver || this.#output.isDraining) return
    this.#release()
    if (this.#finished) return
    this.#began = true
    this.#send(ping)
  }

  #send(bytes: Uint8Array): boolean {
    if (bytes.byteLength > 0) this.#silence?.touch()
    return this.#output.send(bytes)
  }

  #finish(ending: AttemptResult['outcome']): void {
    if (this.#finished) return
    const { outcome, frames } = this.#translateTail(ending)
    const isClosed = outcome === 'client_closed'
    this.#report({
      outcome,
      status: isClosed && !this.#attempt.response.headersSent ? clientClosedStatus : 200,
      reading: this.#read(this.#last !== 'error'),
      finish: isClosed
        ? { kind: 'aborted' }
        : { kind: 'stream_end', open: () => this.#output.open(), frames },
    })
  }

  /** No budget pays for more output: the message ends as if `max_tokens` had been reached. */
  #endAtBudget(): void {
    const { money, call, telemetry } = this.#attempt
    telemetry.countLimit('budgetSlice')
    const notice = `the answer was cut: ${money.refusal ?? 'the budget has no more money'}`
    call.notices.push(notice)
    this.#release()
    const tokens = this.#countDelivered()
    const ending = this.#gated?.gate.createEnding(tokens) ?? []
    const comment = call.translator.comment?.(notice)
    if (comment !== undefined && !this.#muted) this.#send(comment)
    for (const frame of ending) if (frame.kind === 'message_delta') this.#meter.take(readData(frame.bytes))
    this.#tail.push(...ending)
    this.#isCutByBudget = true
    this.#finish('answered')
  }

  #translateTail(ending: AttemptResult['outcome']): TranslatedTail {
    if (ending === 'client_closed') return { outcome: ending, frames: [] }
    const { call, planned } = this.#attempt
    const translate = (frame: Frame) => call.translator.translateEvent(frame, this.#readUsage)
    return translateTail(this.#tail, ending, {
      translate,
      createError: () => {
        const failure = createFailure('untranslatable', planned.account.name)
        return { outcome: failure.outcome, frame: this.#createErrorFrame(failure) }
      },
    })
  }

  /** Estimates the output that was not reported, and all usage of a stream that may be billed but has reported none. */
  #read(mayBeBilled: boolean): Reading {
    if (this.#last === 'message_stop' && !this.#meter.lacksOutput) return this.#meter.read()
    const outputTokens = this.#countDelivered()
    const reading = this.#meter.readCut(outputTokens)
    if (this.#isCutByBudget) return { ...reading, usageSource: 'estimated', errorType: 'budget_exceeded' }
    if (reading.usage !== null || !mayBeBilled) return reading
    const { usage, usageSource } = estimateUnreported(this.#attempt.call, outputTokens)
    return { ...reading, usage, usageSource }
  }

  /** With a bounded hold, no more than the frames that have passed may contain. */
  #countDelivered(): number {
    const estimate = this.#delivered.estimate(this.#scanner.contentEvents)
    return Math.min(estimate, this.#gated?.gate.passedTokens ?? estimate)
  }

  #report(result: Pick<AttemptResult, 'outcome' | 'status' | 'reading' | 'finish'>): void {
    if (this.#finished) return
    this.#finished = true
    this.#attempt.telemetry.running.streams -= 1
    if (this.#endTimer !== null) clearTimeout(this.#endTimer)
    this.#held?.release()
    this.#silence?.stop()
    this.#options.done({
      ...result,
      upstreamRequestId: this.#options.headers['request-id'] ?? null,
      upstreamHeaders: this.#options.headers,
      emptyQuotas: readEmptyQuotas(this.#options.headers, this.#attempt.quota, this.#attempt.timeOfDayMs()),
      firstByteMs: this.#options.firstByteMs,
      firstTokenMs: this.#firstTokenMs,
    })
  }
}

/** The size of one socket read. */
const maxHeldBytes = 64 * 1024

/** Time from a stream's last event to the end of the upstream's response; after that we end it. */
const streamEndMs = 1_000

const blankLine = Buffer.from('\n\n')

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
