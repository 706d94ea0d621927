import { errors } from '../errors.ts'
import { nameType } from '../http/headers.ts'
import { readEmptyQuotas } from '../upstreams/reported-quota.ts'
import { classifyFailure } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import { clientClosedStatus } from './attempt.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'
import { classifyAnswer } from './classify-answer.ts'
import { describeErrorAnswer } from './error-answer.ts'
import { emptyReading, readPlainAnswer, readStreamedAnswer } from './meter.ts'
import type { AnswerKind, Reading } from './meter.ts'
import { forwardHeaders } from './response-headers.ts'
import { estimateUnreported } from './unreported-usage.ts'

/**
 * Buffers a response until it is complete: its headers contain the price, and if the upstream fails in the middle, the
 * client gets an error that it can retry. `streamed`: the response is an event stream, which was not asked for.
 */
export function createPlainSink(
  attempt: Attempt,
  options: SinkOptions & { readonly streamed: boolean },
): Sink {
  const { status, headers, firstByteMs, streamed, done } = options
  const { call, planned, limits, telemetry } = attempt
  const chunks: Uint8Array[] = []
  let size = 0

  function finish(result: Pick<AttemptResult, 'outcome' | 'status' | 'finish' | 'reading'>): void {
    done({
      ...result,
      upstreamRequestId: headers['request-id'] ?? null,
      upstreamHeaders: headers,
      emptyQuotas: readEmptyQuotas(headers, attempt.quota, attempt.timeOfDayMs()),
      firstByteMs,
      firstTokenMs: null,
    })
  }

  function finishWith(failure: Failure, reading = emptyReading): void {
    telemetry.countLimit(failure.limit)
    const { outcome, error: code } = failure
    finish({ outcome, status: errors[code].status, reading, finish: { kind: 'api_error', failure } })
  }

  const readCutOff = () => (status >= 200 && status < 300 ? estimateUnreported(call) : emptyReading)

  return {
    chunk(bytes) {
      size += bytes.byteLength
      if (size > limits.plainAnswerBytes) {
        this.fail(Object.assign(new Error('the answer is too large'), { code: 'ANSWER_TOO_LARGE' }))
        return false
      }
      chunks.push(bytes)
      return true
    },
    end() {
      const received = Buffer.concat(chunks, size)
      const { kind, body, isEvent, reading } = streamed
        ? readStreamed(received, limits.frameBytes)
        : readPlain(received)
      const answer = classifyAnswer({ status, body, kind, streamed }, call)
      if (answer.kind !== 'answered')
        return finish(describeErrorAnswer(attempt, { status, headers, body, isEvent, reading }, answer))
      finish({
        outcome: 'answered',
        status: 200,
        reading,
        finish: {
          kind: 'complete',
          headers: { ...forwardHeaders(attempt, headers), ...nameType(headers, 'application/json') },
          body,
          error: null,
        },
      })
    },
    fail(error) {
      const failure = classifyFailure(error, planned.account.name, true)
      finishWith(failure, failure.mayBeBilled ? readCutOff() : emptyReading)
    },
    abandon() {
      finish({
        outcome: 'client_closed',
        status: clientClosedStatus,
        reading: readCutOff(),
        finish: { kind: 'aborted' },
      })
    },
    mute: () => {},
  }
}

interface Received {
  readonly kind: AnswerKind
  readonly body: Uint8Array
  /** The body is the data of an error event. */
  readonly isEvent: boolean
  readonly reading: Reading
}

function readPlain(body: Uint8Array): Received {
  const { kind, ...reading } = readPlainAnswer(body)
  return { kind, body, isEvent: false, reading }
}

function readStreamed(body: Uint8Array, maxFrameBytes: number): Received {
  const { error, ...reading } = readStreamedAnswer(body, maxFrameBytes)
  if (error === null) return { kind: 'other', body, isEvent: false, reading }
  return { kind: 'error', body: error, isEvent: true, reading }
}
