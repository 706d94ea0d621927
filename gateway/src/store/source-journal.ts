import { renameSync, rmSync } from 'node:fs'

import { createBatchReader } from '../ledger/batch-reader.ts'
import type { ReadBatch } from '../ledger/batch-reader.ts'
import type { RowBatch } from '../ledger/row-codec.ts'
import type { Segment } from './journal-folder.ts'
import { readJournalPart } from './journal.ts'
import type { JournalRead } from './journal.ts'
import { OpenCalls } from './open-calls.ts'
import type { JournalPosition } from './sink.ts'

/** The batches of one process behind its position. */
export interface SourcePart {
  readonly batches: readonly RowBatch[]
  readonly position: JournalPosition
  /** There is more to read at once. */
  readonly hasMore: boolean
}

/** A segment with bytes that are no record. */
export interface TornSegment {
  readonly path: string
  /** The name under which it is kept. */
  readonly keptAs: string
  /** Bytes behind the last whole record. */
  readonly bytes: number
}

/** Reads the segments of one process in their order, and knows its running calls. */
export class SourceJournal {
  readonly open: OpenCalls
  position: JournalPosition | null
  readonly #readers = new Map<string, ReadBatch>()
  readonly #unread = new Map<string, number>()

  constructor(source: string, position: JournalPosition | null) {
    this.open = new OpenCalls(source)
    this.position = position
  }

  /** Bytes that are not read, as far as known. */
  get unreadBytes(): number {
    return [...this.#unread.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Finds the running calls in the segments before the position: a new ingester begins with them. */
  findOpenCalls(segments: readonly Segment[], nowMs: number): void {
    if (this.position === null) return
    for (const segment of segments) {
      const isLast = segment.number === this.position.segment
      if (segment.number > this.position.segment) break
      const until = isLast ? this.position.offset : Infinity
      for (let from = 0; from < until;) {
        const { batches, end } = this.#readBatches(segment, from)
        if (end === from) break
        from = end
        for (const { starts, calls } of batches) {
          for (const start of starts) this.open.begin(start, nowMs, true)
          for (const [id] of calls) this.open.end(String(id))
        }
      }
    }
    this.open.commit()
  }

  /**
   * Reads about one part of what follows the position. A segment is finished once a later one exists, so `segments`
   * must have been listed before this call: the process may write to a segment until it begins the next.
   */
  read(segments: readonly Segment[]): SourcePart | null {
    let position = this.position
    for (const segment of segments) {
      if (position !== null && segment.number < position.segment) continue
      const from: number = position?.segment === segment.number ? position.offset : 0
      const { batches, end, size } = this.#readBatches(segment, from)
      this.#unread.set(segment.path, size - end)
      position = { segment: segment.number, offset: end }
      if (end > from) {
        const isLast = segment === segments.at(-1)
        return { batches, position, hasMore: size > end || !isLast }
      }
    }
    return null
  }

  /** Removes the segments that are stored; `all`: its process has exited. Returns those with a torn end. */
  remove(segments: readonly Segment[], all: boolean): readonly TornSegment[] {
    const torn: TornSegment[] = []
    for (const { path, number } of segments) {
      if (!all && number >= (this.position?.segment ?? 0)) continue
      const bytes = this.#unread.get(path) ?? 0
      if (bytes > 0) {
        const keptAs = `${path}.torn`
        renameSync(path, keptAs)
        torn.push({ path, keptAs, bytes })
      } else rmSync(path, { force: true })
      this.#unread.delete(path)
      this.#readers.delete(path)
    }
    return torn
  }

  #readBatches(segment: Segment, from: number): { batches: readonly RowBatch[] } & JournalRead {
    const read = readPart(segment.path, from)
    if (from > 0) return { ...read, batches: read.records.map(this.#getReader(segment.path)) }
    // The first record has the names of the columns.
    const [columns, ...records] = read.records
    if (columns === undefined) return { ...read, batches: [] }
    const readBatch = createBatchReader(columns)
    this.#readers.set(segment.path, readBatch)
    return { ...read, batches: records.map(readBatch) }
  }

  #getReader(path: string): ReadBatch {
    const known = this.#readers.get(path)
    if (known !== undefined) return known
    const [columns = ''] = readJournalPart(path, 0, 1).records
    const readBatch = createBatchReader(columns)
    this.#readers.set(path, readBatch)
    return readBatch
  }
}

/** A segment that somebody removed has no records. */
function readPart(path: string, from: number): JournalRead {
  try {
    return readJournalPart(path, from)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { records: [], end: from, size: from }
    throw error
  }
}
