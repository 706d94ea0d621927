import { joinBytes } from '@anthology/wire'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { Frame, Reply } from './reply.ts'
import type { Steps } from '../steps.ts'
import type { TickScheduler } from './tick-scheduler.ts'

export interface Pacer extends UpstreamHandle {
  /** Ends the exchange with `receiver.fail(error)`. */
  fail(error: Error): void
  /** Ends the exchange with `receiver.fail(error)` when the reply sends no more until the client leaves. */
  failStall(error: Error): void
}

export interface PacerOptions {
  /** 0 sends as fast as the receiver accepts. */
  readonly tokensPerSecond: number
  readonly schedule: TickScheduler
  /** Makes the reply step by step, and lets others run in between. Default: all steps at once. */
  readonly isSliced?: boolean
  /** Called once, however the exchange ends. */
  readonly done: () => void
}

/**
 * Sends a reply to a receiver at the pace of its tokens, with backpressure, and in slices, so that a long reply does not
 * block the event loop. The receiver is not called before this function has returned, nor after `abort`.
 */
export function startPacer(
  steps: Steps<Reply>,
  receiver: Receiver,
  { tokensPerSecond, schedule, done, isSliced = false }: PacerOptions,
): Pacer {
  let opened: Opened | null = null
  let [isPaused, isRunning, isStalled, isOver] = [false, false, false, false]
  let stallError: Error | null = null
  let cancel = (): void => {}

  const finish = (notify: () => void): void => {
    if (isOver) return
    isOver = true
    cancel()
    done()
    notify()
  }
  const fail = (error: Error): void => finish(() => receiver.fail(error))

  const stall = (): void => {
    isStalled = true
    if (stallError) fail(stallError)
  }

  /** Returns the time to wait for the next frame, 0 if the receiver was called. */
  const advance = ({ reply, frames }: Opened): number => {
    const waitMs = frames.waitMs()
    if (waitMs >= minWaitMs) return waitMs
    const failure = frames.failure()
    if (failure) {
      fail(failure)
      return 0
    }
    // The head goes out with the first frame: a plain response that is paced has no head until its body is due.
    if (frames.isUntouched()) receiver.head(reply.status, reply.headers)
    if (isOver) return 0
    const bytes = frames.take()
    if (!bytes) finish(() => receiver.end())
    else {
      // Set before the call, because the receiver may call `resume` inside it.
      isPaused = true
      if (receiver.chunk(bytes)) isPaused = false
    }
    return 0
  }

  const run = (): void => {
    if (isOver) return
    opened ??= openReply(steps, { tokensPerSecond, isSliced }, fail)
    if (!opened) return isOver ? undefined : schedule(run)
    isRunning = true
    let waitMs = 0
    for (let chunks = 0; chunks < chunksPerSlice && waitMs === 0; chunks += 1) {
      if (isOver || isPaused) break
      waitMs = advance(opened)
    }
    isRunning = false
    if (isOver || isPaused) return
    if (waitMs === 0) schedule(run)
    // A reply that stalls waits until the client leaves, or the emulator is closed or reset.
    else if (waitMs === Infinity) stall()
    else cancel = wait(run, waitMs)
  }

  schedule(run)
  return {
    resume: () => {
      if (isOver || !isPaused) return
      isPaused = false
      if (!isRunning) schedule(run)
    },
    abort: () => finish(() => {}),
    fail,
    failStall: (error) => {
      stallError = error
      if (isStalled) fail(error)
    },
  }
}

/** A chunk is one socket write, a slice is one event loop iteration. */
const framesPerChunk = 32
const chunksPerSlice = 8
const minWaitMs = 1

interface Opened {
  readonly reply: Reply
  readonly frames: FrameReader
}

interface FrameReader {
  isUntouched(): boolean
  /** The error that stands in place of the next frame; null: there is none. */
  failure(): Error | null
  /** The time until the next frame is due. */
  waitMs(): number
  /** The frames that are due, joined; null at the end. */
  take(): Uint8Array | null
}

/** Null if steps are left, or if making the reply failed. */
function openReply(
  steps: Steps<Reply>,
  { tokensPerSecond, isSliced }: { readonly tokensPerSecond: number; readonly isSliced: boolean },
  fail: (error: Error) => void,
): Opened | null {
  try {
    for (;;) {
      const step = steps.next()
      if (step.done === true)
        return { reply: step.value, frames: createFrameReader(step.value.frames, tokensPerSecond) }
      if (isSliced || step.value === 'pause') return null
    }
  } catch (error) {
    fail(error instanceof Error ? error : new Error('the emulator failed', { cause: error }))
    return null
  }
}

function createFrameReader(frames: Iterator<Frame>, tokensPerSecond: number): FrameReader {
  const isPaced = tokensPerSecond > 0
  const startMs = performance.now()
  let sentTokens = 0
  let isUntouched = true
  let ahead = frames.next()
  /** Since when the next frame is delayed. */
  let aheadMs = startMs
  const waitMs = (): number => {
    if (ahead.done) return 0
    const { tokens, delayMs = 0 } = ahead.value
    const delayed = delayMs === 0 ? 0 : aheadMs + delayMs - performance.now()
    if (!isPaced || tokens === 0) return delayed
    return Math.max(delayed, startMs + ((sentTokens + tokens) * 1_000) / tokensPerSecond - performance.now())
  }
  const failure = (): Error | null => (ahead.done ? null : (ahead.value.failure ?? null))
  const take = (): Uint8Array | null => {
    const parts: Uint8Array[] = []
    isUntouched = false
    while (!ahead.done && parts.length < framesPerChunk && failure() === null && waitMs() < minWaitMs) {
      const { bytes, tokens } = ahead.value
      parts.push(bytes)
      sentTokens += tokens
      ahead = frames.next()
      if (!ahead.done && ahead.value.delayMs !== undefined) aheadMs = performance.now()
    }
    return parts.length === 0 ? null : joinBytes(parts)
  }
  return { isUntouched: () => isUntouched, failure, waitMs, take }
}

function wait(run: () => void, ms: number): () => void {
  const timer = startTimer(run, ms)
  return () => stopTimer(timer)
}

/** Captured at load time, so that a test's fake timers do not stop the emulator. */
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis
