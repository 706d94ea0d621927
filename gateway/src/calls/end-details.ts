import { readError } from '@anthology/wire'

import type { EndDetails } from '../ledger/call-details.ts'
import { noHeaders, pickUpstreamHeaders } from '../ledger/stored-headers.ts'
import { createRedactor } from '../log.ts'
import type { AttemptResult } from './attempt.ts'

/** The details of a row that come from the result of its attempt. */
export function describeEndDetails({ upstreamHeaders, ...end }: AttemptResult): EndDetails {
  const response = upstreamHeaders === null ? noHeaders : pickUpstreamHeaders(upstreamHeaders)
  const message = readErrorMessage(end)
  return { response, errorMessage: message === null || message === '' ? null : clean(message) }
}

type ErrorSource = Pick<AttemptResult, 'finish' | 'reading' | 'status'>

/** The words of the error that the client got, before they are translated to its API. */
function readErrorMessage({ finish, reading, status }: ErrorSource): string | null {
  if (finish.kind === 'api_error') return finish.failure.message
  if (finish.kind === 'complete') return finish.error === null ? null : readError(status, finish.body).message
  return reading.errorMessage
}

/**
 * A message may quote a name or a value of the request, so it is cut. The credentials of an upstream were redacted by
 * value before anything read its answer; others are by their format.
 */
function clean(message: string): string {
  return redact(message)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, maxMessageLength)
    .toWellFormed()
}

const maxMessageLength = 500

const redact = createRedactor([])
