import type { Limits } from '../limits.ts'

/** Limits the concurrent calls to one upstream, and admits waiting calls round-robin by key. */
export interface CallQueue {
  enter(keyId: string): QueueSlot | QueueRejection | QueuedCall
  readonly running: number
  readonly waiting: number
}

export interface QueueSlot {
  readonly kind: 'slot'
  /** Frees the slot when the call has ended; idempotent. */
  leave(): void
}

/** The queue is full, or the expected wait exceeds the deadline. */
export interface QueueRejection {
  readonly kind: 'rejected'
  readonly limit: 'queuedCalls' | 'queueMs'
  readonly retryAfterMs: number
}

export interface QueuedCall {
  readonly kind: 'queued'
  /** Resolves to a rejection when the deadline has passed; never settles after `cancel`. */
  readonly turn: Promise<QueueSlot | QueueRejection>
  /** For a call whose client disconnected. */
  cancel(): void
}

export type QueueLimits = Pick<Limits, 'concurrentCalls' | 'queuedCalls' | 'queueMs'>

interface Waiting {
  readonly resolve: (outcome: QueueSlot | QueueRejection) => void
  readonly timer: NodeJS.Timeout
}

export function createCallQueue(limits: QueueLimits, nowMs: () => number): CallQueue {
  return new FairQueue(limits, nowMs)
}

class FairQueue implements CallQueue {
  running = 0
  waiting = 0
  readonly #limits: QueueLimits
  readonly #nowMs: () => number
  /** First come, first served within a key; keys are served in the map's order. */
  readonly #keys = new Map<string, Set<Waiting>>()
  /** Smoothed duration of a call; null until the first one has ended. */
  #callMs: number | null = null

  constructor(limits: QueueLimits, nowMs: () => number) {
    this.#limits = limits
    this.#nowMs = nowMs
  }

  enter(keyId: string): QueueSlot | QueueRejection | QueuedCall {
    if (this.running < this.#limits.concurrentCalls) return this.#openSlot()
    const expectedMs = this.#expectedWaitMs(keyId)
    const isFull = this.waiting >= this.#limits.queuedCalls
    if (isFull || expectedMs > this.#limits.queueMs)
      return { kind: 'rejected', limit: isFull ? 'queuedCalls' : 'queueMs', retryAfterMs: expectedMs }
    const { promise, resolve } = Promise.withResolvers<QueueSlot | QueueRejection>()
    const timer = setTimeout(() => {
      this.#drop(keyId, waiting)
      resolve({ kind: 'rejected', limit: 'queueMs', retryAfterMs: this.#expectedWaitMs(keyId) })
    }, this.#limits.queueMs)
    const waiting = { resolve, timer }
    const keyCalls = this.#keys.get(keyId) ?? new Set()
    this.#keys.set(keyId, keyCalls.add(waiting))
    this.waiting += 1
    return { kind: 'queued', turn: promise, cancel: () => this.#drop(keyId, waiting) }
  }

  #openSlot(): QueueSlot {
    this.running += 1
    const enteredAtMs = this.#nowMs()
    let left = false
    return {
      kind: 'slot',
      leave: () => {
        if (left) return
        left = true
        this.running -= 1
        const callMs = this.#nowMs() - enteredAtMs
        this.#callMs = this.#callMs === null ? callMs : this.#callMs + (callMs - this.#callMs) / 8
        this.#admitNext()
      },
    }
  }

  /** Admits the first call of the first key, and moves that key to the back. */
  #admitNext(): void {
    if (this.running >= this.#limits.concurrentCalls) return
    const [next] = this.#keys
    if (next === undefined) return
    const [keyId, keyCalls] = next
    const [first] = keyCalls
    this.#keys.delete(keyId)
    if (first === undefined) return
    this.#keys.set(keyId, keyCalls)
    this.#drop(keyId, first)
    first.resolve(this.#openSlot())
  }

  #drop(keyId: string, waiting: Waiting): void {
    clearTimeout(waiting.timer)
    const keyCalls = this.#keys.get(keyId)
    if (keyCalls?.delete(waiting) !== true) return
    this.waiting -= 1
    if (keyCalls.size === 0) this.#keys.delete(keyId)
  }

  /** A new call waits for the key's own waiting calls, and for at most one more than that of every other key. */
  #expectedWaitMs(keyId: string): number {
    if (this.#callMs === null) return 0
    const own = this.#keys.get(keyId)?.size ?? 0
    let ahead = own
    for (const [other, { size }] of this.#keys) if (other !== keyId) ahead += Math.min(size, own + 1)
    return ((ahead + 1) * this.#callMs) / this.#limits.concurrentCalls
  }
}
