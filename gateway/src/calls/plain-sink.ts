import { parseError } from '@anthology/wire'

import { errors } from '../errors.ts'
import { describeUpstreamHeaders, pickResponseHeaders } from '../http/headers.ts'
import { estimateInputTokens } from '../rates/input-estimate.ts'
import { classifyFailure, createFailure } from '../routing/failure.ts'
import { classifyUpstreamError } from '../routing/upstream-error.ts'
import type { Failure } from '../routing/failure.ts'
import { clientClosedStatus } from './attempt.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'
import { classifyAnswer } from './classify-answer.ts'
import { emptyReading, estimateUnanswered, readPlainAnswer, readStreamedAnswer } from './meter.ts'
import type { PlainReading } from './meter.ts'

/**
 * Buffers a response until it is complete: its headers contain the price, and if the upstream fails in the middle, the
 * client gets an error that it can retry. `streamed`: the upstream sends an event stream that was not asked for.
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
      upstreamHeaders: describeUpstreamHeaders(headers),
      firstByteMs,
      firstTokenMs: null,
    })
  }

  function finishWith(failure: Failure, reading = emptyReading): void {
    telemetry.countLimit(failure.limit)
    const { outcome, error: code } = failure
    finish({ outcome, status: errors[code].status, reading, finish: { kind: 'api_error', failure } })
  }

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
      const body = Buffer.concat(chunks, size)
      const { kind, ...reading }: PlainReading = streamed
        ? { ...readStreamedAnswer(body, limits.frameBytes), kind: 'other' }
        : readPlainAnswer(body)
      const answer = classifyAnswer({ status, body, kind, streamed }, call)
      if (answer.kind === 'failure')
        return finishWith(createFailure(answer.failure, planned.account.name, answer.words), reading)
      const complete = { kind: 'complete', headers: pickResponseHeaders(headers), body, error: null } as const
      if (answer.kind === 'answered')
        return finish({ outcome: 'answered', status: 200, reading, finish: complete })
      const error = classifyUpstreamError({ ...parseError(body), status: answer.status })
      // Errors are not billed, whatever they contain.
      const unbilled = { ...reading, usage: null, usageSource: null }
      finish({
        outcome: 'upstream_error',
        status: answer.status,
        reading: unbilled,
        finish: { ...complete, error },
      })
    },
    fail: (error) => finishWith(classifyFailure(error, planned.account.name, true)),
    abandon() {
      const isBilled = call.billable && status >= 200 && status < 300
      finish({
        outcome: 'client_closed',
        status: clientClosedStatus,
        reading: isBilled
          ? estimateUnanswered(estimateInputTokens(call.body, call.model.imageDetail))
          : emptyReading,
        finish: { kind: 'aborted' },
      })
    },
    mute: () => {},
  }
}
