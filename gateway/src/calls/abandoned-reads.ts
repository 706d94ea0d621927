/** Bounds the responses that are read to their end, for their usage only, after their clients have disconnected. */
export interface AbandonedReads {
  /** False if there are too many. */
  enter(): boolean
  leave(): void
}

export function createAbandonedReads(maxReads: number, onFull: () => void): AbandonedReads {
  let reads = 0
  return {
    enter() {
      if (reads >= maxReads) {
        onFull()
        return false
      }
      reads += 1
      return true
    },
    leave() {
      reads -= 1
    },
  }
}
