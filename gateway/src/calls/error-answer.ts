import {
  encodeError,
  isRecord,
  parseError,
  parseJson,
  readError,
  readRecord,
  readText,
  wireErrors,
} from '@anthology/wire'

import { errors } from '../errors.ts'
import { platformStatusHeader } from '../http/headers.ts'
import { createFailure } from '../routing/failure.ts'
import type { Failure } from '../routing/failure.ts'
import { classifyUpstreamError, upstreamErrorRules } from '../routing/upstream-error.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import type { ClassifiedAnswer } from './classify-answer.ts'
import { emptyReading } from './meter.ts'
import type { Reading } from './meter.ts'
import { forwardHeaders } from './response-headers.ts'
import { estimateUnreported } from './unreported-usage.ts'

/** A complete response of an upstream that is no answer. */
export interface ErrorResponse {
  /** The upstream's status. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The body is the data of an error event. */
  readonly isEvent: boolean
  readonly reading: Reading
}

/**
 * The result of a response that is an error of the upstream or no answer at all. With an error status, the upstream's
 * body and content-type go to the client as they came; an error inside a success status or in an event goes out in the
 * API's format.
 */
export function describeErrorAnswer(
  attempt: Pick<Attempt, 'call' | 'planned' | 'permit'>,
  { status, headers, body, isEvent, reading }: ErrorResponse,
  answer: Exclude<ClassifiedAnswer, { kind: 'answered' }>,
): Pick<AttemptResult, 'outcome' | 'status' | 'reading' | 'finish'> {
  const { call, planned } = attempt
  if (answer.kind === 'failure') {
    const failure = allowMove(createFailure(answer.failure, planned.account.name, answer.words), call)
    const { outcome, error, mayBeBilled } = failure
    const finish = { kind: 'api_error', failure } as const
    const { usage, usageSource } = mayBeBilled && reading.usage === null ? estimateUnreported(call) : reading
    return { outcome, status: errors[error].status, reading: { ...reading, usage, usageSource }, finish }
  }
  const error = classifyUpstreamError({
    ...parseError(body),
    status: answer.status,
    platformStatus: Number(headers[platformStatusHeader] ?? answer.status),
  })
  const { usage, usageSource } = upstreamErrorRules[error].mayBeBilled
    ? estimateUnreported(call)
    : emptyReading
  const isOwn = status >= 400 && !isEvent
  const picked = forwardHeaders(attempt, headers)
  return {
    outcome: 'upstream_error',
    status: answer.status,
    // The usage in an error is ignored.
    reading: { ...reading, usage, usageSource, stopReason: null },
    finish: {
      kind: 'complete',
      headers: isOwn ? picked : { ...picked, 'content-type': 'application/json' },
      body: isOwn ? body : wrapError(answer.status, body, call.id),
      error,
    },
  }
}

/** A client that asked for a stream has got nothing of it yet, so the call may move, as it does if a stream breaks off. */
function allowMove(failure: Failure, { stream }: Pick<Attempt['call'], 'stream'>): Failure {
  return stream && failure.kind === 'not_an_answer' ? { ...failure, mayMove: true } : failure
}

/** An error in the API's format stays as it is; any other is wrapped with its type and its words. */
function wrapError(status: number, body: Uint8Array, requestId: string): Uint8Array {
  const value = parseJson(utf8.decode(body))
  const error = readRecord(value, 'error')
  const isWireError = isRecord(value) && value['type'] === 'error' && readText(error, 'type') !== null
  if (isWireError && readText(error, 'message') !== null) return body
  const { type, message } = readError(status, body)
  const known = wireErrors.find((wireError) => wireError.type === type)
  return encodeError({ type: known?.type ?? 'api_error', message, requestId })
}

const utf8 = new TextDecoder()
