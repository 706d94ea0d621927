import { decodeSse, readData, readError } from '@anthology/wire'
import type { StreamEvent } from '@anthology/wire'

/** The data of the events in whole frames. One without data is none ("Server-sent events" of the HTML standard, 9.2.6). */
export function listEventData(frames: Uint8Array): readonly string[] {
  return decodeSse(frames).flatMap(({ data }) => (data === '' ? [] : data))
}

/** Reads an `error` event, whose data is an error of any API, or a text. */
export function readErrorEvent(frame: Uint8Array): Extract<StreamEvent, { type: 'error' }> {
  const { type, message } = readError(500, utf8.encode(readData(frame)))
  return { type: 'error', error: { type: type ?? 'api_error', message } }
}

const utf8 = new TextEncoder()
