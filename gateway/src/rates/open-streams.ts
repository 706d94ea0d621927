import type { Limits } from '../limits.ts'

/** Counts open streams, per key and in total. */
export interface OpenStreams {
  /** `close` is idempotent; a denial names the limit that is reached. */
  open(
    keyId: string,
  ): { readonly ok: true; close(): void } | { readonly ok: false; readonly limit: StreamLimit }
  readonly count: number
}

export type StreamLimit = 'openStreams' | 'openStreamsPerKey'

export function createOpenStreams(limits: Pick<Limits, StreamLimit>): OpenStreams {
  const keyCounts = new Map<string, number>()
  let count = 0

  return {
    get count() {
      return count
    },
    open(keyId) {
      const keyCount = keyCounts.get(keyId) ?? 0
      if (count >= limits.openStreams) return { ok: false, limit: 'openStreams' }
      if (keyCount >= limits.openStreamsPerKey) return { ok: false, limit: 'openStreamsPerKey' }
      count += 1
      keyCounts.set(keyId, keyCount + 1)
      let isOpen = true
      const close = () => {
        if (!isOpen) return
        isOpen = false
        count -= 1
        const left = (keyCounts.get(keyId) ?? 0) - 1
        if (left > 0) keyCounts.set(keyId, left)
        else keyCounts.delete(keyId)
      }
      return { ok: true, close }
    },
  }
}
