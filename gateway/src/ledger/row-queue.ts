import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { CallRow, CallStart } from './call-row.ts'
import { RejectionCounts } from './rejected-calls.ts'
import type { RejectedCalls } from './rejected-calls.ts'
import type { ResourceChange } from '../resources/resource.ts'
import { encodeBatch } from './row-codec.ts'
import type { EndedCall } from './row-codec.ts'

/**
 * The queue of one process' rows for the writer. One batch is in flight, and rows
 * that arrive meanwhile form the next. Under load a commit then writes many rows,
 * and a row waits for at most one other commit.
 */
export interface RowQueue {
  /** Resolves when the row is durable. Rejects after `waitMs`, but the row is kept and retried even then. */
  write(row: CallRow): Promise<void>
  /** Sends a delayed start record now; null if it is not delayed any more. */
  flushStart(callId: string): Promise<void> | null
  change(change: ResourceChange): Promise<void>
  /** Counts a call that was rejected before any upstream was called. The count is written within a second or so. */
  countRejection(keyId: string, code: ErrorCode, atMs: number): void
  /** The number of unconfirmed rows and changes. */
  readonly waiting: number
  /** Sends all queued rows without waiting for the batch in flight. */
  flush(): void
  /** Rejects all pending writes. */
  close(): void
}

export interface RowQueueOptions {
  /** Sends an encoded batch; resolves when it is durable, without a deadline. */
  readonly send: (batch: string) => Promise<void>
  readonly waitMs: number
}

/**
 * Delay of a call's start record, so that it shares a batch with others. A call that
 * ends sooner needs no start record.
 */
const startDelayMs = 10

/** Rejections are summed for this long before they are written. */
const rejectionDelayMs = 1_000

/** Interval of the search for batches past their deadline. */
const sweepMs = 250

export function createRowQueue(options: RowQueueOptions): RowQueue {
  return new Queue(options)
}

class Queue implements RowQueue {
  #options: RowQueueOptions
  #open: Batch | null = null
  #inFlight = new Set<Batch>()
  #isScheduled = false
  /** Start records that are delayed. */
  #delayed: Batch | null = null
  #delayTimer: NodeJS.Timeout | undefined
  #sweep: NodeJS.Timeout
  #rejections = new RejectionCounts()
  #rejectionTimer: NodeJS.Timeout | null = null

  constructor(options: RowQueueOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#rejectLate(performance.now()), sweepMs)
    this.#sweep.unref()
  }

  write({ start, end }: CallRow): Promise<void> {
    if (end === null) return this.#delay(start)
    const batch = this.#findOpen()
    this.#delayed?.starts.delete(start.id)
    batch.starts.delete(start.id)
    batch.ended.push({ start, end })
    this.#sendSoon()
    return batch.durable
  }

  flushStart(callId: string): Promise<void> | null {
    const start = this.#delayed?.starts.get(callId)
    if (start === undefined) return null
    this.#delayed?.starts.delete(callId)
    const batch = this.#findOpen()
    batch.starts.set(callId, start)
    this.#sendSoon()
    return batch.durable
  }

  change(change: ResourceChange): Promise<void> {
    const batch = this.#findOpen()
    batch.changes.push(change)
    this.#sendSoon()
    return batch.durable
  }

  countRejection(keyId: string, code: ErrorCode, atMs: number): void {
    this.#rejections.add(keyId, code, atMs)
    this.#rejectionTimer ??= setTimeout(() => this.#flushRejections(), rejectionDelayMs).unref()
  }

  get waiting(): number {
    let count = (this.#delayed?.size ?? 0) + (this.#open?.size ?? 0)
    for (const batch of this.#inFlight) count += batch.size
    return count
  }

  flush(): void {
    this.#flushRejections()
    this.#flushDelayed()
    this.#send()
  }

  close(): void {
    clearInterval(this.#sweep)
    clearTimeout(this.#delayTimer)
    if (this.#rejectionTimer !== null) clearTimeout(this.#rejectionTimer)
    this.#flushDelayed()
    this.#rejectLate(Infinity)
  }

  #send(): void {
    const batch = this.#open
    if (batch === null) return
    this.#open = null
    this.#inFlight.add(batch)
    const encoded = encodeBatch(batch.starts.values(), batch.ended, batch.changes, batch.rejections)
    void this.#options.send(encoded).then(() => this.#confirm(batch))
  }

  #confirm(batch: Batch): void {
    this.#inFlight.delete(batch)
    batch.resolve()
    if (this.#open !== null) this.#sendSoon()
  }

  #findOpen(): Batch {
    this.#open ??= new Batch(performance.now() + this.#options.waitMs)
    return this.#open
  }

  /** Sends once at the end of this turn of the event loop, with the rows of all calls that end in it. */
  #sendSoon(): void {
    if (this.#isScheduled || this.#inFlight.size > 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#inFlight.size === 0) this.#send()
    })
  }

  #delay(start: CallStart): Promise<void> {
    if (this.#delayed === null) {
      this.#delayed = new Batch(Infinity)
      this.#delayTimer = setTimeout(() => this.#flushDelayed(), startDelayMs)
    }
    this.#delayed.starts.set(start.id, start)
    return this.#delayed.durable
  }

  /** Moves the delayed start records of calls that still run to the next batch. */
  #flushDelayed(): void {
    const delayed = this.#delayed
    this.#delayed = null
    if (delayed === null) return
    if (delayed.starts.size === 0) return delayed.resolve()
    const batch = this.#findOpen()
    for (const [id, start] of delayed.starts) batch.starts.set(id, start)
    batch.durable.then(delayed.resolve, delayed.reject)
    this.#sendSoon()
  }

  #flushRejections(): void {
    if (this.#rejectionTimer !== null) clearTimeout(this.#rejectionTimer)
    this.#rejectionTimer = null
    const counted = this.#rejections.take()
    if (counted.length === 0) return
    this.#findOpen().rejections.push(...counted)
    this.#sendSoon()
  }

  #rejectLate(nowMs: number): void {
    // Close an overdue batch, so that later rows get a deadline of their own.
    if ((this.#open?.deadlineMs ?? Infinity) < nowMs) this.#send()
    for (const batch of this.#inFlight) {
      if (batch.deadlineMs >= nowMs) continue
      batch.deadlineMs = Infinity
      batch.reject(new GatewayError('ledger_failed', 'the ledger did not confirm the row in time'))
    }
  }
}

class Batch {
  readonly starts = new Map<string, CallStart>()
  readonly ended: EndedCall[] = []
  readonly changes: ResourceChange[] = []
  readonly rejections: RejectedCalls[] = []
  /** On a monotonic clock: a change of the system time must not expire or extend it. */
  deadlineMs: number
  readonly durable: Promise<void>
  resolve: () => void = () => {}
  reject: (error: Error) => void = () => {}

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs
    this.durable = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Callers that await it get the rejection; others may ignore it.
    this.durable.catch(() => {})
  }

  get size(): number {
    return this.starts.size + this.ended.length + this.changes.length + this.rejections.length
  }
}
