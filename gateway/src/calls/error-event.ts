import { readData } from '@anthology/wire'
import type { Frame } from '@anthology/wire'

import type { Attempt, AttemptResult } from './attempt.ts'
import { classifyAnswer } from './classify-answer.ts'
import { describeErrorAnswer } from './error-answer.ts'
import { emptyReading } from './meter.ts'
import type { StreamMeter } from './meter.ts'

/** The error event of a stream of which nothing was sent to the client. */
export interface ErrorEvent {
  readonly frame: Frame
  /** The upstream's status and headers. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly meter: StreamMeter
}

/** The result of an error event before any content: the error has its own status instead of 200, so clients retry it. */
export function describeErrorEvent(
  attempt: Pick<Attempt, 'call' | 'planned' | 'permit'>,
  { frame, status, headers, meter }: ErrorEvent,
): Pick<AttemptResult, 'outcome' | 'status' | 'reading' | 'finish'> | null {
  const body = Buffer.from(readData(frame.bytes))
  const answer = classifyAnswer({ status, body, kind: 'error', streamed: true }, attempt.call)
  // An answer of the kind `error` is never an answer to the call.
  if (answer.kind === 'answered') return null
  const reading = { ...emptyReading, errorType: meter.read().errorType }
  const result = describeErrorAnswer(attempt, { status, headers, body, isEvent: true, reading }, answer)
  // A message had begun, so the upstream has read the prompt, and bills it.
  return meter.hasMessage ? { ...result, reading: meter.readCut(0) } : result
}
