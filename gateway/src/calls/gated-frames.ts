import type { Frame } from '@anthology/wire'

import type { OutputGate } from './output-gate.ts'

interface GatedFramesOptions {
  readonly gate: OutputGate
  /** Takes a frame that may pass; false to pause. */
  readonly take: (frame: Frame) => boolean
  /** The budget has no money for the next frame. */
  readonly onDenied: () => void
  readonly resume: () => void
}

/** Passes the frames of a stream in their order. All later frames wait while another process extends the hold. */
export class GatedFrames {
  readonly gate: OutputGate
  readonly #options: GatedFramesOptions
  /** The frames behind one that waits; null if none does. */
  #waiting: Frame[] | null = null
  /** Runs when no frame waits any more: the end or the failure of the stream. */
  #last: (() => void) | null = null
  #isOver = false

  constructor(options: GatedFramesOptions) {
    this.#options = options
    this.gate = options.gate
  }

  /** Takes frames; false to pause. */
  push(frames: readonly Frame[]): boolean {
    if (this.#isOver) return false
    if (this.#waiting !== null) {
      this.#waiting.push(...frames)
      return false
    }
    let wantsMore = true
    const parts = frames.flatMap((frame) => (gatedKinds.has(frame.kind) ? this.gate.divide(frame) : [frame]))
    for (const [at, frame] of parts.entries()) {
      const admitted = gatedKinds.has(frame.kind) ? this.gate.admit(frame) : true
      if (admitted instanceof Promise) {
        this.#waiting = parts.slice(at + 1)
        const passed = (isHeld: boolean) => this.#continue(frame, isHeld)
        admitted.then(passed, () => passed(false))
        return false
      }
      if (!admitted) {
        this.#deny()
        return false
      }
      wantsMore = this.#options.take(frame) && wantsMore
    }
    return wantsMore
  }

  /** Runs `last` behind all frames; true if one of them waits. */
  defer(last: () => void): boolean {
    if (this.#waiting === null || this.#isOver) return false
    this.#last ??= last
    return true
  }

  #continue(frame: Frame, isHeld: boolean): void {
    const rest = this.#waiting ?? []
    this.#waiting = null
    if (this.#isOver) return
    if (!isHeld) return this.#deny()
    const wantsMore = this.#options.take(frame)
    const takesMore = this.push(rest) && wantsMore
    if (this.#waiting !== null || this.#isOver) return
    if (this.#last !== null) this.#last()
    // A sink that pauses resumes by itself.
    else if (takesMore) this.#options.resume()
  }

  #deny(): void {
    this.#isOver = true
    this.#options.onDenied()
  }
}

const gatedKinds: ReadonlySet<Frame['kind']> = new Set(['plain', 'first_content'])
