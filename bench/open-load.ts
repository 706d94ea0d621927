// Open-loop load at a fixed rate, independent of the server. autocannon sends the calls of a second in one
// burst, measures whole milliseconds, and sees only the end of a response. The first byte and the frames of
// a stream need a client of our own: undici's dispatch with a clock.
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

import type { Target } from './targets.ts'
import { encodeBody, framesPerPacedStream } from './traffic.ts'
import type { Traffic } from './traffic.ts'

/** The timing of one response, seen by its client. */
export interface Seen {
  readonly clean: boolean
  readonly firstByteMs: number
  /** For a stream: the time to the first piece of content. */
  readonly firstTokenMs: number
  readonly totalMs: number
  /** For a paced stream: the time from writing an event in the stub to reading it here. */
  readonly lagsMs: readonly number[]
}

export interface OpenLoad {
  readonly traffic: Traffic
  readonly callsPerSecond: number
  readonly calls: number
}

const endOfWaitMs = 15_000

/** Sends calls at an even rate, and waits for all responses. */
export async function runOpenLoad(
  target: Target,
  { traffic, callsPerSecond, calls }: OpenLoad,
): Promise<Seen[]> {
  const pool = new Pool(target.url, { connections: null, pipelining: 1 })
  const body = encodeBody(traffic)
  const answers: Promise<Seen>[] = []
  const startedAtMs = performance.now()
  while (answers.length < calls) {
    const due = Math.min(calls, Math.ceil(((performance.now() - startedAtMs) / 1_000) * callsPerSecond))
    while (answers.length < due) answers.push(timeCall(pool, target, traffic, body))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const cutOff = setTimeout(() => void pool.destroy(), endOfWaitMs)
  const seen = await Promise.all(answers)
  clearTimeout(cutOff)
  await pool.destroy()
  return seen
}

/** Sends one call and times its response. */
export function timeCall(pool: Pool, { headers }: Target, traffic: Traffic, body: Buffer): Promise<Seen> {
  return new Promise((resolve) => {
    pool.dispatch(
      { path: '/v1/messages', method: 'POST', headers: { ...headers }, body },
      new Stopwatch(traffic, resolve),
    )
  })
}

/** Times a response; resolves at its end, successful or not. */
class Stopwatch implements Dispatcher.DispatchHandler {
  #resolve: (seen: Seen) => void
  #startedAtMs = performance.now()
  #firstByteMs = Number.NaN
  #firstTokenMs = Number.NaN
  #ok = false
  #tail = ''
  #lagsMs: number[] = []
  #stream: boolean
  #paced: boolean

  constructor({ stream, pacedGapMs }: Traffic, resolve: (seen: Seen) => void) {
    this.#stream = stream
    this.#paced = pacedGapMs !== undefined
    this.#resolve = resolve
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#ok = status === 200
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (Number.isNaN(this.#firstByteMs)) this.#firstByteMs = performance.now() - this.#startedAtMs
    if (this.#stream) this.#readEvents(chunk.toString('latin1'))
  }

  onResponseEnd(): void {
    const ended = !this.#stream || this.#tail.includes('message_stop')
    const whole = !this.#paced || this.#lagsMs.length === framesPerPacedStream
    this.#finish(this.#ok && ended && whole)
  }

  onResponseError(): void {
    this.#finish(false)
  }

  #finish(clean: boolean): void {
    const totalMs = performance.now() - this.#startedAtMs
    this.#resolve({
      clean,
      firstByteMs: this.#firstByteMs,
      firstTokenMs: this.#firstTokenMs,
      totalMs,
      lagsMs: this.#lagsMs,
    })
  }

  #readEvents(chunk: string): void {
    const text = this.#tail + chunk
    if (Number.isNaN(this.#firstTokenMs) && text.includes('content_block_delta'))
      this.#firstTokenMs = performance.now() - this.#startedAtMs
    let from = 0
    if (this.#paced) {
      const nowMicroseconds = Number(process.hrtime.bigint() / 1_000n)
      for (const match of text.matchAll(/@(\d+)@/g)) {
        this.#lagsMs.push((nowMicroseconds - Number(match[1])) / 1_000)
        from = match.index + match[0].length
      }
    }
    // Keep text that may be the start of a split mark, or of the name of the last event.
    this.#tail = text.slice(Math.max(from, text.length - keptCharacters))
  }
}

const keptCharacters = 60
