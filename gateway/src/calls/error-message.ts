import { readError } from '@anthology/wire'

import { createRedactor } from '../log.ts'
import type { AttemptResult } from './attempt.ts'

/**
 * The message of the error with which a call ended, for its row; null without one. The words are those that the client
 * got, before they are translated to its API. They may quote a name or a value of the request, so they are cut, and
 * credentials are redacted: those of upstreams by value before anything reads the answer, all others here by their format.
 */
export function describeErrorMessage(
  end: Pick<AttemptResult, 'finish' | 'reading' | 'status'>,
): string | null {
  const message = readMessage(end)
  if (message === null || message === '') return null
  return redact(message)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, maxLength)
    .toWellFormed()
}

const maxLength = 500

const redact = createRedactor([])

function readMessage({
  finish,
  reading,
  status,
}: Pick<AttemptResult, 'finish' | 'reading' | 'status'>): string | null {
  if (finish.kind === 'api_error') return finish.failure.message
  if (finish.kind === 'complete') return finish.error === null ? null : readError(status, finish.body).message
  return reading.errorMessage
}
