import { errors } from '../errors.ts'
import { describeUpstreamHeaders, pickResponseHeaders } from '../http/headers.ts'
import { classifyFailure, classifyStatus } from '../routing/failure.ts'
import { clientClosedStatus, emptyReading } from './attempt.ts'
import type { Attempt, AttemptResult, Sink, SinkOptions } from './attempt.ts'
import { readPlainAnswer } from './meter.ts'

/**
 * Buffers a response until it is complete: its price is sent in its head, and if the upstream fails midway, the client
 * gets a clean error that it can retry.
 */
export function createPlainSink(attempt: Attempt, options: SinkOptions): Sink {
  const { status, headers, firstByteMs, done } = options
  const chunks: Uint8Array[] = []
  let size = 0

  function finish(
    result: Pick<AttemptResult, 'outcome' | 'status' | 'finish'>,
    body: Uint8Array | null,
  ): void {
    done({
      ...result,
      reading: body === null ? emptyReading : readPlainAnswer(body),
      upstreamRequestId: headers['request-id'] ?? null,
      upstreamHeaders: describeUpstreamHeaders(headers),
      firstByteMs,
      firstTokenMs: null,
    })
  }

  function fail(error: Error): void {
    const failure = classifyFailure(error, attempt.planned.account.name, true)
    attempt.telemetry.countLimit(failure.limit)
    const { outcome, error: code } = failure
    finish({ outcome, status: errors[code].status, finish: { kind: 'api_error', failure } }, null)
  }

  return {
    chunk(bytes) {
      size += bytes.byteLength
      if (size > attempt.limits.plainAnswerBytes) {
        fail(Object.assign(new Error('the answer is too large'), { code: 'ANSWER_TOO_LARGE' }))
        return false
      }
      chunks.push(bytes)
      return true
    },
    end() {
      const outcome = classifyStatus(status)
      if (outcome === 'redirected')
        return fail(Object.assign(new Error(`status ${status}`), { code: 'REDIRECTED' }))
      const body = Buffer.concat(chunks, size)
      finish(
        { outcome, status, finish: { kind: 'complete', headers: pickResponseHeaders(headers), body } },
        body,
      )
    },
    fail,
    abandon() {
      finish({ outcome: 'client_closed', status: clientClosedStatus, finish: { kind: 'aborted' } }, null)
    },
  }
}
