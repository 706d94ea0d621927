import { getDay } from '../clock.ts'
import type { ErrorCode } from '../errors.ts'

/** Calls of one key and day (UTC) that were rejected before any upstream was called, by error code. */
export interface RejectedCalls {
  readonly day: string
  readonly key_id: string
  readonly code: string
  readonly calls: number
}

/**
 * Sums rejections until they are written. A flood of rejected calls costs one row per key, day and code, and no
 * commit of its own.
 */
export class RejectionCounts {
  #counts = new Map<string, RejectedCalls>()

  add(keyId: string, code: ErrorCode, atMs: number): void {
    const day = getDay(atMs)
    // None of the parts contains a blank.
    const name = `${day} ${keyId} ${code}`
    const calls = (this.#counts.get(name)?.calls ?? 0) + 1
    this.#counts.set(name, { day, key_id: keyId, code, calls })
  }

  /** Returns all sums and starts again at zero. */
  take(): readonly RejectedCalls[] {
    const all = [...this.#counts.values()]
    this.#counts.clear()
    return all
  }
}
