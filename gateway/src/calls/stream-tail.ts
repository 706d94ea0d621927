import type { Frame } from '@anthology/wire'

import type { AttemptResult } from './attempt.ts'

/** The last frames of a stream in the client's protocol. */
export interface TranslatedTail {
  readonly outcome: AttemptResult['outcome']
  readonly frames: readonly Uint8Array[]
}

export interface TailOptions {
  readonly translate: (frame: Frame) => Uint8Array
  /** Creates the error event for a last event that cannot be translated. */
  readonly createError: () => { readonly outcome: AttemptResult['outcome']; readonly frame: Frame }
}

/** Translates the last frames. An event that cannot be translated becomes an error event. */
export function translateTail(
  tail: readonly Frame[],
  outcome: AttemptResult['outcome'],
  { translate, createError }: TailOptions,
): TranslatedTail {
  const frames: Uint8Array[] = []
  for (const frame of tail) {
    try {
      frames.push(translate(frame))
    } catch {
      // Anything after the final event can be dropped.
      if (frames.length > 0) break
      const error = createError()
      return { outcome: error.outcome, frames: [translate(error.frame)] }
    }
  }
  return { outcome, frames }
}
