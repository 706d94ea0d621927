import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { ResourceChange } from '../resources/resource.ts'
import type { JournalPlace } from '../store/journal-folder.ts'
import { SegmentWriter } from '../store/segment-writer.ts'
import { isBehind } from '../store/sink.ts'
import type { JournalPosition } from '../store/sink.ts'
import type { Durability } from '../store/sqlite/database.ts'
import { encodeColumns } from './batch-reader.ts'
import type { CallRow, CallStart } from './call-row.ts'
import { createLagCounter } from './journal-lag.ts'
import type { JournalLag, LagCounter } from './journal-lag.ts'
import { RejectionCounts } from './rejected-calls.ts'
import type { RejectedCalls } from './rejected-calls.ts'
import { encodeBatch } from './row-codec.ts'
import type { EndedCall } from './row-codec.ts'

export interface JournalWriterOptions {
  /** See `listJournalPlaces`. */
  readonly places: readonly JournalPlace[]
  /** The name of this process; no other process ever has it. */
  readonly source: string
  /** `power`: a record counts once it is on the disk; `store`: the end of a call counts once the store has it. */
  readonly durability: Durability
  /** Time after which a write that no place takes is rejected. */
  readonly waitMs: number
  readonly segmentBytes?: number
  /** The journal has new records for the store. Called at once after a pause, and at most every 100 ms. */
  readonly onAppended: () => void
  readonly onFailure: (message: string) => void
}

/**
 * The journal of one process. Everything that is written in one turn of the event loop is one record, written with one
 * system call at the end of the turn.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions
  readonly #segments: SegmentWriter
  readonly #lag: LagCounter
  /**
   * Starts that are in the journal without their ends, by id. A Map that changes with every call would keep old ones in
   * memory (see `RunningList`).
   */
  readonly #openCalls: Record<string, CallStart> = Object.create(null)
  #turn: Turn | null = null
  /** Turns that no place takes yet, oldest first. */
  #unwritten: WrittenTurn[] = []
  /** Turns that are written, but not yet on the disk. */
  #unsynced: Turn[] = []
  /** Turns that are written, but not yet in the store, oldest first. */
  #unstored: WrittenTurn[] = []
  #isSyncing = false
  #reported: string | null = null
  #retryTimer: NodeJS.Timeout | null = null
  #nudgeTimer: NodeJS.Timeout | null = null
  #nudgedMs = -Infinity
  readonly #rejections = new RejectionCounts()
  #rejectionTimer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
    this.#lag = createLagCounter()
    this.#segments = new SegmentWriter({
      places: options.places,
      source: options.source,
      segmentBytes: options.segmentBytes ?? defaultSegmentBytes,
      isSynced: options.durability === 'power',
      createHead: () => [encodeColumns(), ...this.#encodeOpenCalls()],
    })
  }

  /** Resolves when the row is in the journal. Rejects after `waitMs`, but the row is kept and retried even then. */
  write({ start, end }: CallRow): Promise<void> {
    const turn = this.#collect()
    if (end === null) turn.starts.push(start)
    else turn.ended.push({ start, end })
    return turn.written
  }

  change(change: ResourceChange): Promise<void> {
    const turn = this.#collect()
    turn.changes.push(change)
    return turn.written
  }

  /** Counts a call that was rejected before any upstream was called. The count is written within a second or so. */
  countRejection(keyId: string, code: ErrorCode, atMs: number): void {
    this.#rejections.add(keyId, code, atMs)
    this.#rejectionTimer ??= setTimeout(() => this.#writeRejections(), rejectionDelayMs).unref()
  }

  /** Null while the journal is written in its own folder; otherwise the reason why it is not. */
  get failure(): string | null {
    return this.#segments.failure
  }

  /** Rows and changes that no file has yet. */
  get waiting(): number {
    return this.#unwritten.reduce((sum, { turn }) => sum + turn.size, this.#turn?.size ?? 0)
  }

  /** Records that the store does not have yet. */
  getLag(): JournalLag {
    return this.#lag.read(performance.now())
  }

  /** The store has everything up to this position. */
  noteStored(position: JournalPosition): void {
    this.#lag.noteStored(position)
    this.#segments.noteStored(position)
    for (let next = this.#unstored[0]; next !== undefined; next = this.#unstored[0]) {
      if (next.end === undefined || isBehind(next.end, position)) return
      this.#unstored.shift()
      next.turn.resolve()
    }
  }

  /** Writes what is left. Returns the number of rows that no place takes; they are lost with the process. */
  async close(): Promise<number> {
    this.#writeRejections()
    this.#flush()
    this.#retry()
    await this.#sync()
    this.#isClosed = true
    for (const timer of [this.#retryTimer, this.#nudgeTimer]) if (timer !== null) clearTimeout(timer)
    const lost = this.waiting
    for (const { turn } of this.#unwritten) turn.reject(createLateError())
    this.#segments.close()
    return lost
  }

  #collect(): Turn {
    if (this.#turn !== null) return this.#turn
    this.#turn = new Turn()
    if (this.#isClosed) this.#turn.reject(createLateError())
    else setImmediate(() => this.#flush())
    return this.#turn
  }

  #flush(): void {
    const turn = this.#turn
    if (turn === null || this.#isClosed) return
    this.#turn = null
    this.#unwritten.push({
      turn,
      record: encodeBatch(turn.starts, turn.ended, turn.changes, turn.rejections),
    })
    this.#writeAll()
  }

  #writeAll(): void {
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      try {
        this.#segments.append(next.record)
      } catch (error) {
        this.#rejectLater(this.#unwritten)
        return this.#report(`the journal cannot be written: ${getMessage(error)}`)
      }
      this.#unwritten.shift()
      this.#confirm(next)
    }
    const { failure, path } = this.#segments
    if (failure !== null) this.#report(`${failure}; running calls are kept in ${path}`)
    else this.#reported = null
  }

  #confirm({ turn, record }: WrittenTurn): void {
    for (const start of turn.starts) this.#openCalls[start.id] = start
    for (const { start } of turn.ended) delete this.#openCalls[start.id]
    const { segment, offset } = this.#segments.position
    this.#lag.add({ segment, offset, bytes: record.length, records: turn.size, atMs: performance.now() })
    if (turn.size > turn.starts.length) this.#nudge()
    switch (this.#options.durability) {
      case 'process':
        return turn.resolve()
      case 'power':
        this.#unsynced.push(turn)
        void this.#sync()
        return
      case 'store':
        // A call that begins needs no row in the store yet.
        if (turn.size === turn.starts.length) return turn.resolve()
        this.#unstored.push({ turn, record, end: { segment, offset } })
        this.#rejectLater(this.#unstored.slice(-1))
    }
  }

  /** Turns that are written during a flush to the disk share the next one. */
  async #sync(): Promise<void> {
    if (this.#isSyncing) return
    this.#isSyncing = true
    while (this.#unsynced.length > 0) {
      const turns = this.#unsynced
      this.#unsynced = []
      try {
        await this.#segments.sync()
        for (const turn of turns) turn.resolve()
      } catch (error) {
        this.#report(`the journal cannot be flushed to the disk: ${getMessage(error)}`)
        for (const turn of turns) turn.reject(createLateError())
      }
    }
    this.#isSyncing = false
  }

  #report(message: string): void {
    if (message !== this.#reported) this.#options.onFailure(`${message}; check the disk and the data folder`)
    this.#reported = message
    this.#retryTimer ??= setTimeout(() => this.#retry(), retryMs)
  }

  #retry(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
    this.#segments.retryFirst()
    this.#writeAll()
  }

  #rejectLater(turns: readonly WrittenTurn[]): void {
    for (const { turn } of turns)
      turn.timer ??= setTimeout(() => turn.reject(createLateError()), this.#options.waitMs).unref()
  }

  #nudge(): void {
    if (this.#nudgeTimer !== null) return
    const pauseMs = this.#options.durability === 'store' ? 0 : nudgeMs
    const waitMs = this.#nudgedMs + pauseMs - performance.now()
    if (waitMs > 0) {
      this.#nudgeTimer = setTimeout(() => {
        this.#nudgeTimer = null
        this.#nudgeNow()
      }, waitMs).unref()
    } else this.#nudgeNow()
  }

  #nudgeNow(): void {
    this.#nudgedMs = performance.now()
    this.#options.onAppended()
  }

  #writeRejections(): void {
    if (this.#rejectionTimer !== null) clearTimeout(this.#rejectionTimer)
    this.#rejectionTimer = null
    const counted = this.#rejections.take()
    if (counted.length > 0) this.#collect().rejections.push(...counted)
  }

  #encodeOpenCalls(): readonly string[] {
    const starts = Object.values(this.#openCalls)
    return starts.length === 0 ? [] : [encodeBatch(starts, [], [])]
  }
}

interface WrittenTurn {
  readonly turn: Turn
  readonly record: string
  /** The end of its record, once it is written. */
  readonly end?: JournalPosition
}

class Turn {
  readonly starts: CallStart[] = []
  readonly ended: EndedCall[] = []
  readonly changes: ResourceChange[] = []
  readonly rejections: RejectedCalls[] = []
  timer: NodeJS.Timeout | null = null
  readonly #settled = Promise.withResolvers<void>()

  constructor() {
    // Callers that await it get the rejection; others may ignore it.
    this.written.catch(() => {})
  }

  get written(): Promise<void> {
    return this.#settled.promise
  }

  resolve(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.#settled.resolve()
  }

  reject(error: Error): void {
    this.#settled.reject(error)
  }

  get size(): number {
    return this.starts.length + this.ended.length + this.changes.length + this.rejections.length
  }
}

function createLateError(): GatewayError {
  return new GatewayError('ledger_failed', 'the journal did not take the row in time')
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Reading a segment again at the start takes a fraction of a second. */
const defaultSegmentBytes = 16 * 1024 * 1024

/** Pause between two tries while the journal's own folder takes nothing. */
const retryMs = 500

/** Under load the store gets its rows in batches of this time. */
const nudgeMs = 100

/** Rejections are summed for this long before they are written. */
const rejectionDelayMs = 1_000
