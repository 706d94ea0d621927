import { setImmediate } from 'node:timers/promises'

import type { ColumnValue } from '../ledger/row-codec.ts'
import type { RejectedCalls } from '../ledger/rejected-calls.ts'
import type { ResourceChange } from '../resources/resource.ts'
import type { Segment } from './journal-folder.ts'
import type { JournalPart, JournalPosition, LedgerSink, OpenCall } from './sink.ts'
import { SourceJournal } from './source-journal.ts'
import type { SourcePart, TornSegment } from './source-journal.ts'

export interface IngesterOptions {
  /** Lists the segments of all processes, oldest first. */
  readonly findSegments: () => readonly Segment[]
  readonly sink: LedgerSink
  /** A monotonic clock. */
  readonly nowMs: () => number
  /** Called after each transaction with the positions of all processes. */
  readonly onStored?: (positions: readonly (readonly [source: string, position: JournalPosition])[]) => void
  /** Called when a segment is kept under another name, because it has bytes that are no record. */
  readonly onTorn?: (torn: TornSegment) => void
}

/** The remains of earlier processes that a start has found. */
export interface Recovered {
  /** Calls without an end; they are `unknown` now. */
  readonly abandoned: number
  /** Rows that the store did not have. */
  readonly rows: number
  readonly paths: readonly string[]
}

/**
 * Fills the store from the journals of all processes, in large transactions, and removes the segments that are stored.
 * After an error everything is read again from the positions in the store.
 */
export class Ingester {
  readonly #options: IngesterOptions
  readonly #sources = new Map<string, SourceJournal>()
  /** Processes that have exited, with the time from which on their journals may be removed. */
  readonly #exited = new Map<string, number>()
  #positions: ReadonlyMap<string, JournalPosition> | null = null
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<void> | null = null

  constructor(options: IngesterOptions) {
    this.#options = options
  }

  /** Bytes of the journals that were not stored at the last look. */
  get lagBytes(): number {
    return [...this.#sources.values()].reduce((sum, { unreadBytes }) => sum + unreadBytes, 0)
  }

  /** Stores what earlier processes left, and sets their open calls to `unknown`. All journals are theirs. */
  recover(): Promise<Recovered> {
    return this.#enqueue(async () => {
      const segments = this.#options.findSegments()
      const paths = segments.map(({ path }) => path)
      let rows = await this.#storeAll({ lists: false })
      let abandoned = 0
      for (const source of new Set(segments.map((segment) => segment.source))) {
        abandoned += await this.#closeOpenCalls(source)
        // A worker can outlive its primary by a moment, and finish a call.
        this.#exited.set(source, this.#options.nowMs() + lateMs)
      }
      rows += abandoned
      abandoned += await this.#options.sink.closeListedCalls()
      await this.#forget(
        [...(this.#positions ?? new Map()).keys()].filter((name) => !this.#sources.has(name)),
      )
      return { abandoned, rows, paths }
    })
  }

  /** Stores everything that the journals have now. `lists`: calls that have run for a while become visible. */
  ingest({ lists = false } = {}): Promise<void> {
    // One that has not begun yet will see the same.
    if (this.#next !== null && !lists) return this.#next
    const next = this.#enqueue(async () => {
      if (this.#next === next) this.#next = null
      await this.#storeAll({ lists })
      for (const [source, removableMs] of this.#exited)
        if (removableMs <= this.#options.nowMs()) await this.#finish(source)
    })
    this.#next = next
    return next
  }

  /** The process has exited: stores the rest of its journal, sets its open calls to `unknown` and removes its files. */
  finish(source: string): Promise<void> {
    this.#exited.set(source, -Infinity)
    this.#next = null
    return this.ingest()
  }

  /** Stores everything, and removes the journals of processes without open calls; those of others stay for the next start. */
  async close(): Promise<void> {
    await this.ingest()
    for (const [source, { open }] of this.#sources)
      if (open.ids().length === 0) this.#exited.set(source, -Infinity)
    this.#next = null
    await this.ingest()
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work).catch((error: unknown) => {
      this.#sources.clear()
      this.#positions = null
      throw error
    })
    this.#last = result.catch(() => {})
    return result
  }

  async #storeAll({ lists }: { readonly lists: boolean }): Promise<number> {
    let rows = 0
    for (let hasMore = true; hasMore;) {
      const segments = this.#options.findSegments()
      await this.#openJournals(segments)
      const part = new PartBuilder()
      hasMore = false
      for (const [source, journal] of this.#sources) {
        const read = journal.read(segments.filter((segment) => segment.source === source))
        if (read !== null) part.add(source, read, journal, this.#options.nowMs())
        if (read?.hasMore === true) hasMore = true
        if (lists) part.opened.push(...journal.open.list(this.#options.nowMs() - listedAfterMs))
      }
      if (part.isEmpty) return rows
      await this.#store(part)
      rows += part.calls.length + part.changes.length + part.rejections.length
      for (const [source, journal] of this.#sources) this.#removeSegments(source, journal, segments, false)
      // Messages, keys and maintenance have their turn between the parts of a long journal.
      if (hasMore) await setImmediate()
    }
    return rows
  }

  async #store(part: PartBuilder): Promise<void> {
    await this.#options.sink.ingest(part)
    for (const [source, position] of part.positions) {
      const journal = this.#sources.get(source)
      if (journal !== undefined) journal.position = position
    }
    for (const journal of this.#sources.values()) journal.open.commit()
    const known = [...this.#sources].flatMap(([source, { position }]) =>
      position === null ? [] : [[source, position] as const],
    )
    this.#options.onStored?.(known)
  }

  async #openJournals(segments: readonly Segment[]): Promise<void> {
    const added = new Set(segments.map(({ source }) => source).filter((source) => !this.#sources.has(source)))
    if (added.size === 0) return
    this.#positions ??= await this.#options.sink.readPositions()
    for (const source of added) {
      const journal = new SourceJournal(source, this.#positions.get(source) ?? null)
      journal.findOpenCalls(
        segments.filter((segment) => segment.source === source),
        this.#options.nowMs(),
      )
      this.#sources.set(source, journal)
    }
  }

  async #closeOpenCalls(source: string): Promise<number> {
    const journal = this.#sources.get(source)
    if (journal === undefined) return 0
    const part = new PartBuilder()
    part.calls.push(...journal.open.abandon())
    part.closed.push(...journal.open.ids().filter((id) => journal.open.end(id)))
    if (part.calls.length > 0) await this.#store(part)
    return part.calls.length
  }

  async #finish(source: string): Promise<void> {
    await this.#closeOpenCalls(source)
    const journal = this.#sources.get(source)
    if (journal !== undefined) this.#removeSegments(source, journal, this.#options.findSegments(), true)
    await this.#forget([source])
    this.#sources.delete(source)
    this.#exited.delete(source)
  }

  async #forget(sources: readonly string[]): Promise<void> {
    if (sources.length === 0) return
    const part = new PartBuilder()
    for (const source of sources) part.positions.push([source, null])
    await this.#options.sink.ingest(part)
  }

  #removeSegments(source: string, journal: SourceJournal, segments: readonly Segment[], all: boolean): void {
    const own = segments.filter((segment) => segment.source === source)
    for (const torn of journal.remove(own, all)) this.#options.onTorn?.(torn)
  }
}

class PartBuilder implements JournalPart {
  readonly calls: (readonly ColumnValue[])[] = []
  readonly opened: OpenCall[] = []
  readonly closed: string[] = []
  readonly changes: ResourceChange[] = []
  readonly rejections: RejectedCalls[] = []
  readonly positions: (readonly [source: string, position: JournalPosition | null])[] = []

  get isEmpty(): boolean {
    return this.positions.length + this.opened.length === 0
  }

  add(source: string, { batches, position }: SourcePart, { open }: SourceJournal, nowMs: number): void {
    for (const batch of batches) {
      for (const start of batch.starts) open.begin(start, nowMs)
      for (const call of batch.calls) {
        const id = String(call[0])
        if (open.end(id)) this.closed.push(id)
      }
      this.calls.push(...batch.calls)
      this.changes.push(...batch.changes)
      this.rejections.push(...batch.rejections)
    }
    this.positions.push([source, position])
  }
}

/** A call is listed as running once it has run for this time: shorter ones never need more than one row. */
const listedAfterMs = 500

/** Time for which the journal of an exited process is still read. */
const lateMs = 2_000
