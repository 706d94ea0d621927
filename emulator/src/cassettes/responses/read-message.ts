import { WireError, createMessageAccumulator, isRecord, parseJson } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import type { RecordedResponse } from '../cassette.ts'
import { readEventJson } from './redact-events.ts'

/**
 * Returns the message of a recorded response of the Messages API, whole or streamed, or the body of its error. Null: the
 * response has another form, or is not complete.
 */
export function readRecordedMessage({ body, events }: RecordedResponse): JsonObject | null {
  if (events === undefined) {
    const value = parseJson(body ?? '')
    return isRecord(value) ? value : null
  }
  const accumulator = createMessageAccumulator()
  try {
    for (const event of events) {
      const data = readEventJson(event)
      if (data !== null) accumulator.apply({ event: 'message', data })
    }
  } catch (error) {
    if (error instanceof WireError) return null
    throw error
  }
  return accumulator.error ?? (accumulator.complete ? accumulator.message() : null)
}
