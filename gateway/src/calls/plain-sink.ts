import { describeUpstreamHeaders, pickResponseHeaders } from '../http/headers.ts'
import { readPlainAnswer } from './meter.ts'
import { describeFailure, findLimit } from '../routing/failure.ts'
import { type Finish, type Attempt, type AttemptResult, type Sink, emptyReading } from './attempt.ts'
import type { SinkOptions } from './relay.ts'

/** Takes an answer as a whole: its price stands in its head, and an upstream that dies in the middle costs the client nothing but a retry. */
export function createPlainSink(attempt: Attempt, options: SinkOptions): Sink {
  const { status, headers, firstByteMs, done } = options
  const chunks: Uint8Array[] = []
  let size = 0

  function finish(outcome: AttemptResult['outcome'], finishing: Finish, body: Uint8Array | null): void {
    done({
      outcome,
      status: finishing.kind === 'complete' ? status : outcome === 'client_closed' ? 499 : 502,
      reading: body === null ? emptyReading : readPlainAnswer(body),
      upstreamRequestId: headers['request-id'] ?? null,
      upstreamHeaders: describeUpstreamHeaders(headers),
      firstByteMs,
      firstTokenMs: null,
      finish: finishing,
    })
  }

  function fail(error: Error): void {
    attempt.telemetry.countLimit(findLimit(error))
    const { code, message } = describeFailure(error, attempt.planned.account.name, true)
    finish('upstream_aborted', { kind: 'api_error', code, message }, null)
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
      if (status >= 300 && status < 400) {
        return fail(Object.assign(new Error(`status ${status}`), { code: 'REDIRECTED' }))
      }
      const body = Buffer.concat(chunks, size)
      const outcome = status >= 200 && status < 300 ? 'answered' : 'upstream_error'
      finish(outcome, { kind: 'complete', headers: pickResponseHeaders(headers), body }, body)
    },
    fail,
    abandon() {
      finish('client_closed', { kind: 'aborted' }, null)
    },
  }
}
