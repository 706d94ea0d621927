import { createFrameScanner, encodeSse, parseJson, readData } from '@anthology/wire'
import type { Frame } from '@anthology/wire'

import { createResponseHeaders } from './response-headers.ts'
import { errors } from '../errors.ts'
import { describeUpstreamHeaders, pickResponseHeaders } from '../http/headers.ts'
import { removeSecrets } from '../log.ts'
import { createStreamMeter, parseUsage } from './meter.ts'
import { encodeApiError } from '../http/respond.ts'
import { classifyFailure, createUntranslatable } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'

/**
 * Forwards a stream event by event, and holds back only the last event until the
 * ledger has the row. Only complete events are sent: if the upstream aborts in the
 * middle of one, the client gets a well-formed stream that ends with an error event.
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
  /** Events that wait for the call's first row; null once the head is sent. */
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
    // A last event without its blank line is used if its JSON is complete; a partial one would break the client's parser.
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
    // After its last event a response is complete, even if the connection then fails.
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
    const { secrets } = this.#attempt.planned.account
    let wantsMore = true
    for (const frame of frames) {
      const bytes = removeSecrets(frame.bytes, secrets)
      // After redaction the recorded offsets are no longer valid.
      wantsMore = this.#take(bytes === frame.bytes ? frame : { kind: frame.kind, bytes }) && wantsMore
    }
    return wantsMore
  }

  #take(frame: Frame): boolean {
    if (this.#last !== null) {
      this.#tail.push(frame)
      this.#tailBytes += frame.bytes.byteLength
      // The client needs none of this, so an upstream that sends too much is paused until `#endTimer` ends it.
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
      'cache-control': 'no-cache',
    }
    response.writeHead(this.#options.status, this.#attempt.call.translator.translateHead(headers))
    // With early events the head is sent together with them: one packet, one system call.
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

/** The size of one socket read. A short stream is complete before its head is sent, so it needs one row and one write. */
const maxHeldBytes = 64 * 1024

/** The time that an upstream may keep its response open after the last event. */
const streamEndMs = 1_000

const blankLine = Buffer.from('\n\n')
