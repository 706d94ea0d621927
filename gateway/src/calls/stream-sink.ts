import { createFrameScanner, encodeSse, parseJson, readData, streamHeaders } from '@anthology/wire'
import type { Frame } from '@anthology/wire'

import { createResponseHeaders } from './response-headers.ts'
import { errors } from '../errors.ts'
import { describeUpstreamHeaders, pickResponseHeaders } from '../http/headers.ts'
import { createStreamMeter, parseUsage } from './meter.ts'
import { encodeApiError } from '../http/respond.ts'
import { classifyFailure, createUntranslatable } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'

/**
 * Forwards a stream event by event and holds back only the last event until the
 * ledger has stored the row. Only complete events are sent: if an upstream fails in
 * the middle of one, the client gets a well-formed stream that ends with an error event.
 */
export function createStreamSink(attempt: Attempt, options: SinkOptions): Sink {
  return new StreamSink(attempt, options)
}

class StreamSink implements Sink {
  #attempt: Attempt
  #options: SinkOptions
  #scanner
  #meter = createStreamMeter()
  #readUsage = () => parseUsage(this.#meter.read())
  #firstTokenMs: number | null = null
  /** Events queued until the call's first row is durable; null once the response head is sent. */
  #early: Uint8Array[] | null = []
  #earlyBytes = 0
  /** The last event and everything after it. */
  #tail: Frame[] = []
  #tailBytes = 0
  #last: 'message_stop' | 'error' | null = null
  #endTimer: NodeJS.Timeout | null = null
  #finished = false
  #draining = false

  constructor(attempt: Attempt, options: SinkOptions) {
    this.#attempt = attempt
    this.#options = options
    this.#scanner = createFrameScanner({
      maxFrameBytes: attempt.limits.frameBytes,
      offsets: attempt.call.translator.wantsOffsets === true,
    })
    attempt.telemetry.running.streams += 1
    const open = () => this.#open()
    attempt.flushStart().then(open, open)
  }

  chunk(bytes: Uint8Array): boolean {
    try {
      return this.#takeAll(this.#scanner.push(bytes))
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }

  end(): void {
    // A complete last event counts even without its blank line; a truncated one would break the client's parser.
    if (this.#last === null && this.#scanner.rest().byteLength > 0) {
      try {
        this.#takeAll(
          this.#scanner.push(blankLine).filter((frame) => parseJson(readData(frame.bytes)) !== undefined),
        )
      } catch (error) {
        return this.fail(error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (this.#last === null) return this.fail(new Error('the stream ended without message_stop'))
    this.#finish(this.#last === 'error' ? 'upstream_aborted' : 'answered')
  }

  fail(error: Error): void {
    // After its last event the response is complete, however the connection ends.
    if (this.#last !== null) return this.#finish(this.#last === 'error' ? 'upstream_aborted' : 'answered')
    const failure = classifyFailure(error, this.#attempt.planned.account.name, true)
    this.#attempt.telemetry.countLimit(failure.limit)
    this.#tail.push(this.#createErrorFrame(failure))
    this.#finish(failure.outcome)
  }

  #createErrorFrame({ error, message }: Failure): Frame {
    const json = encodeApiError(errors[error], message, this.#attempt.call.id).toString()
    this.#meter.take(json)
    return { kind: 'error', bytes: encodeSse('error', json) }
  }

  abandon(): void {
    this.#finish('client_closed')
  }

  #takeAll(frames: readonly Frame[]): boolean {
    let wantsMore = true
    for (const frame of frames) wantsMore = this.#take(frame) && wantsMore
    return wantsMore
  }

  #take(frame: Frame): boolean {
    if (this.#last !== null) {
      this.#tail.push(frame)
      this.#tailBytes += frame.bytes.byteLength
      // Backpressure for an upstream that keeps sending after its last event, until `streamEndMs` ends it.
      return this.#tailBytes < maxHeldBytes
    }
    switch (frame.kind) {
      case 'plain':
        return this.#write(frame)
      case 'first_content':
        this.#firstTokenMs = this.#attempt.nowMs() - this.#attempt.call.startedAtMs
        return this.#write(frame)
      case 'message_start':
      case 'message_delta':
        this.#meter.take(readData(frame.bytes))
        return this.#write(frame)
      case 'message_stop':
      case 'error':
        this.#meter.take(readData(frame.bytes))
        this.#last = frame.kind
        this.#tail.push(frame)
        this.#endTimer = setTimeout(() => this.end(), streamEndMs)
        return true
    }
  }

  #write(frame: Frame): boolean {
    return this.#send(this.#attempt.call.translator.translateEvent(frame, this.#readUsage))
  }

  #send(bytes: Uint8Array): boolean {
    if (bytes.byteLength === 0) return true
    if (this.#early !== null) {
      this.#early.push(bytes)
      this.#earlyBytes += bytes.byteLength
      return this.#earlyBytes < maxHeldBytes
    }
    if (this.#attempt.response.write(bytes)) return true
    if (!this.#draining) {
      this.#draining = true
      this.#attempt.response.once('drain', () => {
        this.#draining = false
        this.#options.resume()
      })
    }
    return false
  }

  #open(): void {
    const early = this.#early
    const { response } = this.#attempt
    if (early === null || response.destroyed) return
    this.#early = null
    const headers = {
      ...pickResponseHeaders(this.#options.headers),
      ...createResponseHeaders(this.#attempt),
      ...streamHeaders,
    }
    response.writeHead(this.#options.status, this.#attempt.call.translator.translateHead(headers))
    // The head is sent together with the queued events, in one packet and one system call.
    if (early.length === 0) response.flushHeaders()
    let wantsMore = true
    for (const bytes of early) wantsMore = this.#send(bytes)
    if (early.length > 0 && wantsMore) this.#options.resume()
  }

  #finish(ending: AttemptResult['outcome']): void {
    if (this.#finished) return
    this.#finished = true
    this.#attempt.telemetry.running.streams -= 1
    if (this.#endTimer !== null) clearTimeout(this.#endTimer)
    const { outcome, frames } = this.#shapeTail(ending)
    this.#options.done({
      outcome,
      status: this.#options.status,
      reading: this.#meter.read(),
      upstreamRequestId: this.#options.headers['request-id'] ?? null,
      upstreamHeaders: describeUpstreamHeaders(this.#options.headers),
      firstByteMs: this.#options.firstByteMs,
      firstTokenMs: this.#firstTokenMs,
      finish:
        outcome === 'client_closed'
          ? { kind: 'aborted' }
          : { kind: 'stream_end', open: () => this.#open(), frames },
    })
  }

  /** Translates the last frames. An event that cannot be translated becomes an error event. */
  #shapeTail(
    ending: AttemptResult['outcome'],
  ): Pick<AttemptResult, 'outcome'> & { frames: readonly Uint8Array[] } {
    const { call, planned } = this.#attempt
    const frames: Uint8Array[] = []
    if (ending === 'client_closed') return { outcome: ending, frames }
    for (const frame of this.#tail) {
      try {
        frames.push(call.translator.translateEvent(frame, this.#readUsage))
      } catch {
        // Anything after the final event can be dropped.
        if (frames.length > 0) break
        const failure = createUntranslatable(planned.account.name)
        frames.push(call.translator.translateEvent(this.#createErrorFrame(failure), this.#readUsage))
        return { outcome: failure.outcome, frames }
      }
    }
    return { outcome: ending, frames }
  }
}

/** The size of one socket read. A short stream is then complete before its head is sent, and needs one row and one write. */
const maxHeldBytes = 64 * 1024

/** Time from a stream's last event to the end of the upstream's response; after that we end it. */
const streamEndMs = 1_000

const blankLine = Buffer.from('\n\n')
