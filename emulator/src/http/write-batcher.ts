import type { PortResponse } from './port.ts'

/** An answer that is whole before any of it goes out. */
export interface BufferedResponse {
  readonly response: PortResponse
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** Sends whole answers, those that are made in one go together. */
export interface WriteBatcher {
  add(buffered: BufferedResponse): void
}

/**
 * A client that waits falls asleep while its answer is made, and to wake it is dear: of 63 µs that an answer took which
 * was 40 in the making, 7 were saved for 16 connections of one client by writing what was made in one go in one go, too.
 */
export function createWriteBatcher(): WriteBatcher {
  let waiting: BufferedResponse[] = []
  const post = (): void => {
    const posted = waiting
    waiting = []
    for (const { response, status, headers, bytes } of posted) {
      response.writeHead(status, headers)
      response.end(bytes)
    }
  }
  return {
    add: (buffered) => {
      waiting.push(buffered)
      if (waiting.length === 1) queueMicrotask(post)
      else if (waiting.length === maxBatched) post()
    },
  }
}

const maxBatched = 32
