import { isBehind } from '../store/sink.ts'
import type { JournalPosition } from '../store/sink.ts'

/** The part of a journal that the store does not have yet. */
export interface JournalLag {
  /** Rows and changes. */
  readonly records: number
  readonly bytes: number
  /** The age of the oldest record; 0 without one. */
  readonly oldestMs: number
}

/** One write to the journal, which ends at its position. */
interface JournalWrite extends JournalPosition {
  readonly bytes: number
  /** Rows and changes in it. */
  readonly records: number
  /** On a monotonic clock. */
  readonly atMs: number
}

export interface LagCounter {
  add(write: JournalWrite): void
  /** The store has everything up to this position. */
  noteStored(position: JournalPosition): void
  read(nowMs: number): JournalLag
}

export function createLagCounter(): LagCounter {
  let waiting: JournalWrite[] = []
  let records = 0
  let bytes = 0

  return {
    add(write) {
      records += write.records
      bytes += write.bytes
      const last = waiting.at(-1)
      // The store has taken nothing for long: the sums and the last position are enough.
      if (last !== undefined && waiting.length >= maxWrites)
        waiting[waiting.length - 1] = {
          ...write,
          records: last.records + write.records,
          bytes: last.bytes + write.bytes,
          atMs: last.atMs,
        }
      else waiting.push(write)
    },
    noteStored(position) {
      let stored = 0
      for (const write of waiting) {
        if (isBehind(write, position)) break
        stored += 1
        records -= write.records
        bytes -= write.bytes
      }
      if (stored > 0) waiting = waiting.slice(stored)
    },
    read: (nowMs) => ({ records, bytes, oldestMs: nowMs - (waiting[0]?.atMs ?? nowMs) }),
  }
}

const maxWrites = 10_000
