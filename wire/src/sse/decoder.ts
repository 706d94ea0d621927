import type { SseEvent } from './decode-frame.ts'
import { createFrameScanner, readSseEvents } from './frames.ts'

export interface SseLimits {
  /** Counts all lines of an event with their line ends, comments included. */
  readonly maxEventBytes: number
}

export interface SseDecoder {
  /** Accepts the next bytes, cut anywhere, and returns the events they complete. */
  push(bytes: Uint8Array): SseEvent[]
}

/** Decodes an event stream. Events without data are skipped, and so is a last event without its blank line. */
export function createSseDecoder({ maxEventBytes }: SseLimits): SseDecoder {
  const scanner = createFrameScanner({ maxFrameBytes: maxEventBytes })
  return { push: (bytes) => scanner.push(bytes).flatMap((frame) => decodeSse(frame.bytes)) }
}

/** Decodes the events in whole frames. */
export function decodeSse(frames: Uint8Array): SseEvent[] {
  const events: SseEvent[] = []
  const reader = readSseEvents(frames)
  while (reader.next()) events.push(reader.decode())
  return events
}

/** Returns the data of one frame, or an empty string. */
export function readData(frame: Uint8Array): string {
  const reader = readSseEvents(frame)
  return reader.next() ? reader.decodeData() : ''
}
