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
  readonly record: string
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
  /** Records that are perhaps not stored, oldest first, as far as they are still in memory. */
  listRecords(): readonly string[]
}

export function createLagCounter(): LagCounter {
  let waiting: WaitingWrite[] = []
  let records = 0
  let bytes = 0
  let keptBytes = 0

  return {
    add({ record, ...write }) {
      records += write.records
      bytes += record.length
      const isKept = waiting.length < maxWrites && keptBytes + record.length <= maxKeptBytes
      if (isKept) keptBytes += record.length
      const next = { ...write, bytes: record.length, text: isKept ? record : null }
      const last = waiting.at(-1)
      // The store has taken nothing for long: the sums and the last position are enough.
      if (last !== undefined && last.text === null && waiting.length >= maxWrites)
        waiting[waiting.length - 1] = {
          ...next,
          text: null,
          records: last.records + next.records,
          bytes: last.bytes + next.bytes,
          atMs: last.atMs,
        }
      else waiting.push(next)
    },
    noteStored({ segment, offset }) {
      let stored = 0
      for (const write of waiting) {
        if (write.segment > segment || (write.segment === segment && write.offset > offset)) break
        stored += 1
        records -= write.records
        bytes -= write.bytes
        if (write.text !== null) keptBytes -= write.bytes
      }
      if (stored > 0) waiting = waiting.slice(stored)
    },
    read: (nowMs) => ({ records, bytes, oldestMs: nowMs - (waiting[0]?.atMs ?? nowMs) }),
    listRecords: () => waiting.flatMap(({ text }) => text ?? []),
  }
}

interface WaitingWrite extends Omit<JournalWrite, 'record'> {
  readonly bytes: number
  /** Null if too many are in memory already. */
  readonly text: string | null
}

const maxKeptBytes = 1024 * 1024
const maxWrites = 10_000
