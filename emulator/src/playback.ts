import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { Frame, Reply } from './reply.ts'

export interface Playback extends UpstreamHandle {
  /** Ends the exchange with an error that the receiver hears. */
  fail(error: Error): void
}

export interface PlaybackOptions {
  /** 0: as fast as the receiver takes it. */
  readonly tokensPerSecond: number
  /** Called once, however the playback ends. */
  readonly done: () => void
}

/**
 * Sends a reply to a receiver: at the pace of its tokens, paused while the receiver asks for it, and
 * in slices, so that a long answer leaves the event loop to others. The receiver hears nothing
 * before this has returned, nor after `abort`.
 */
export function startPlayback(
  makeReply: () => Reply,
  receiver: Receiver,
  { tokensPerSecond, done }: PlaybackOptions,
): Playback {
  let reader: FrameReader | null = null
  let isPaused = false
  let isRunning = false
  let isOver = false
  let cancel = (): void => {}

  const finish = (tell: () => void): void => {
    if (isOver) return
    isOver = true
    cancel()
    done()
    tell()
  }
  const fail = (error: Error): void => finish(() => receiver.fail(error))

  const open = (): FrameReader | null => {
    try {
      const reply = makeReply()
      reader = createFrameReader(reply.frames, tokensPerSecond)
      // An answer that is spoken for a while before it is whole has no head until then.
      if (reader.waitMs() < shortestWaitMs) receiver.head(reply.status, reply.headers)
      else reader.heldHead = () => receiver.head(reply.status, reply.headers)
    } catch (error) {
      fail(error instanceof Error ? error : new Error('the emulator failed', { cause: error }))
    }
    return reader
  }

  const run = (): void => {
    const frames = reader ?? open()
    if (!frames) return
    isRunning = true
    for (let chunks = 0; chunks < chunksPerSlice; chunks += 1) {
      if (isOver || isPaused) break
      const waitMs = frames.waitMs()
      if (waitMs >= shortestWaitMs) {
        isRunning = false
        cancel = wait(run, waitMs)
        return
      }
      frames.heldHead?.()
      frames.heldHead = null
      if (isOver) break
      const bytes = frames.take()
      if (!bytes) finish(() => receiver.end())
      else {
        // Set before the call, for the receiver may resume from within it.
        isPaused = true
        if (receiver.chunk(bytes)) isPaused = false
      }
    }
    isRunning = false
    if (!isOver && !isPaused) cancel = waitTurn(run)
  }

  cancel = waitTurn(run)
  return {
    resume: () => {
      if (isOver || !isPaused) return
      isPaused = false
      if (!isRunning) cancel = waitTurn(run)
    },
    abort: () => finish(() => {}),
    fail,
  }
}

/** A chunk is one write on a socket, a slice is one turn of the event loop. */
const framesPerChunk = 32
const chunksPerSlice = 8
const shortestWaitMs = 1

interface FrameReader {
  heldHead: (() => void) | null
  /** How long until the next frame is due. */
  waitMs(): number
  /** The frames that are due, joined; null when there are no more. */
  take(): Uint8Array | null
}

function createFrameReader(frames: Iterator<Frame>, tokensPerSecond: number): FrameReader {
  const startMs = performance.now()
  let spokenTokens = 0
  let ahead = frames.next()
  const waitMs = (): number => {
    if (!(tokensPerSecond > 0) || ahead.done || ahead.value.tokens === 0) return 0
    return startMs + ((spokenTokens + ahead.value.tokens) * 1_000) / tokensPerSecond - performance.now()
  }
  const take = (): Uint8Array | null => {
    const parts: Uint8Array[] = []
    while (!ahead.done && parts.length < framesPerChunk && waitMs() < shortestWaitMs) {
      parts.push(ahead.value.bytes)
      spokenTokens += ahead.value.tokens
      ahead = frames.next()
    }
    return parts.length === 0 ? null : concat(parts)
  }
  return { heldHead: null, waitMs, take }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (only && parts.length === 1) return only
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function wait(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

function waitTurn(run: () => void): () => void {
  const turn = setImmediate(run)
  return () => clearImmediate(turn)
}
