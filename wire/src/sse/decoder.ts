import type { SseEvent } from './decode-frame.ts'
import { createFrameScanner, readSseEvents } from './frames.ts'

export interface SseLimits {
  /** Counts all lines of an event with their ends, comments included. */
  readonly maxEventBytes: number
}

export interface SseDecoder {
  /** Takes the next bytes, cut anywhere, and gives the events they complete. */
  push(bytes: Uint8Array): SseEvent[]
}

/** Decodes an event stream. An event without data is none, and one that no blank line ends is not given. */
export function createSseDecoder({ maxEventBytes }: SseLimits): SseDecoder {
  const scanner = createFrameScanner({ maxFrameBytes: maxEventBytes })
  return { push: (bytes) => scanner.push(bytes).flatMap((frame) => decodeSse(frame.bytes)) }
}

/** The events in whole frames. */
export function decodeSse(frames: Uint8Array): SseEvent[] {
  const events: SseEvent[] = []
  const reader = readSseEvents(frames)
  while (reader.next()) events.push(reader.decode())
  return events
}

/** The data of one frame; empty for a frame without any. */
export function readData(frame: Uint8Array): string {
  const reader = readSseEvents(frame)
  return reader.next() ? reader.decodeData() : ''
}
