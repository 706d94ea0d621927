import { GatewayError } from '../errors.ts'
import type { CallRow, CallStart } from './call-row.ts'
import type { ResourceChange } from '../resources/resource.ts'
import { encodeBatch } from './row-codec.ts'
import type { EndedCall } from './row-codec.ts'

/**
 * The rows of one process on their way to the writer. One batch at a time is
 * under way, and what comes meanwhile makes the next: under load a commit then
 * takes many rows, and a row still waits for one commit besides its own at most.
 */
export interface RowQueue {
  /** Resolves when the row is durable, or rejects when it is not after `waitMs`; it is kept and tried again even then. */
  write(row: CallRow): Promise<void>
  /** Lets a beginning wait no longer; null where it does not wait for company any more. */
  flushStart(callId: string): Promise<void> | null
  change(change: ResourceChange): Promise<void>
  /** Rows and changes that are not confirmed. */
  readonly waiting: number
  /** Sends what is left, whatever is under way. */
  flush(): void
  /** Rejects whoever still waits. */
  close(): void
}

export interface RowQueueOptions {
  /** Takes an encoded batch; resolves when it is durable, however long that takes. */
  readonly send: (batch: string) => Promise<void>
  readonly waitMs: number
}

/**
 * How long the beginning of a call may wait for company. Nobody is told of it
 * meanwhile, and a call that ends sooner needs no row of its own for it.
 */
const startDelayMs = 10

/** How often batches that are late are looked for. */
const sweepMs = 250

export function createRowQueue(options: RowQueueOptions): RowQueue {
  return new Queue(options)
}

class Queue implements RowQueue {
  #options: RowQueueOptions
  #open: Batch | null = null
  #inFlight = new Set<Batch>()
  #isScheduled = false
  /** Beginnings that wait for company. */
  #delayed: Batch | null = null
  #delayTimer: NodeJS.Timeout | undefined
  #sweep: NodeJS.Timeout

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

  get waiting(): number {
    let count = (this.#delayed?.size ?? 0) + (this.#open?.size ?? 0)
    for (const batch of this.#inFlight) count += batch.size
    return count
  }

  flush(): void {
    this.#flushDelayed()
    this.#send()
  }

  close(): void {
    clearInterval(this.#sweep)
    clearTimeout(this.#delayTimer)
    this.#flushDelayed()
    this.#rejectLate(Infinity)
  }

  #send(): void {
    const batch = this.#open
    if (batch === null) return
    this.#open = null
    this.#inFlight.add(batch)
    const encoded = encodeBatch(batch.starts.values(), batch.ended, batch.changes)
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

  /** At the end of this turn of the event loop, however many calls end in it. */
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

  /** The beginnings that waited go out with the next batch, as far as their calls still run. */
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

  #rejectLate(nowMs: number): void {
    // A batch that is late is closed, so that rows to come have a deadline of their own.
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
  /** By a clock that is never set: a row must neither be late nor wait for an hour because the time of day was. */
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
    // Who waits hears of a failure; nobody has to wait.
    this.durable.catch(() => {})
  }

  get size(): number {
    return this.starts.size + this.ended.length + this.changes.length
  }
}
