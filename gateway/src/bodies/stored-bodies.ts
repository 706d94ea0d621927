import type { Call } from '../calls/call.ts'
import { randomText } from '../http/request-id.ts'
import { GatewayError } from '../errors.ts'
import type { Log } from '../log.ts'
import { createBodyCapture } from './body-capture.ts'
import type { BodyCapture, CaptureTarget } from './body-capture.ts'
import type { BodySettings } from './bodies-config.ts'
import { encodeBlock } from './body-block.ts'
import type { CallBodies, CapturedBodies } from './body-block.ts'
import {
  appendToSegment,
  createFolder,
  findBodies,
  getHourEnd,
  nameSegment,
  removeSegments,
} from './body-segment.ts'

/** The number of calls by what became of their bodies: `dropped` for want of memory, `failed` at the disk. */
export type BodyCounts = Readonly<Record<'stored' | 'dropped' | 'failed', number>>

/** Stores the prompts and answers of ended calls in files. They are best effort: no call waits for them. */
export interface StoredBodies {
  readonly settings: BodySettings
  readonly counts: BodyCounts
  /** Null for a call whose bodies are not stored. */
  capture(call: CaptureCall): BodyCapture | null
  /** Finds the bodies of a call that any process has written to the folder. */
  find(callId: string): Promise<CallBodies | null>
  /** Whether retention has removed the bodies of a call. */
  isRemoved(callId: string): boolean
  /** Writes what still waits. */
  close(): Promise<void>
}

type CaptureCall = Pick<Call, 'id' | 'billable' | 'body' | 'index' | 'key'>

interface StoredBodiesOptions {
  readonly log: Log
  readonly nowMs: () => number
  /** The memory of running calls and of those that wait for the disk. Default: 32 MiB, or four of the largest bodies. */
  readonly maxHeldBytes?: number
}

/** Creates the folder if it is missing. Throws a GatewayError if that fails. */
export async function openStoredBodies(
  settings: BodySettings,
  options: StoredBodiesOptions,
): Promise<StoredBodies> {
  try {
    await createFolder(settings.folder)
  } catch (error) {
    const message = `bodies: the folder cannot be created: ${describe(error)}`
    throw new GatewayError('config_invalid', message, {
      cause: error,
      hint: 'Name another one in bodies.folder.',
    })
  }
  return new BodyFiles(settings, options)
}

interface WaitingBodies extends CapturedBodies {
  readonly reservedBytes: number
}

class BodyFiles implements StoredBodies {
  readonly settings: BodySettings
  readonly counts = { stored: 0, dropped: 0, failed: 0 }
  readonly #options: StoredBodiesOptions
  readonly #maxHeldBytes: number
  readonly #timer: NodeJS.Timeout
  /** A part of the names of this process' segments. */
  #source = randomText(sourceLetters)
  #heldBytes = 0
  #waiting: WaitingBodies[] = []
  /** The calls of `#waiting` and of the batch that is being written. */
  readonly #unwritten = new Set<string>()
  #writing: Promise<void> | null = null
  #batch: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(settings: BodySettings, options: StoredBodiesOptions) {
    this.settings = settings
    this.#options = options
    this.#maxHeldBytes = options.maxHeldBytes ?? Math.max(minHeldBytes, 4 * settings.maxBytes)
    this.#timer = setInterval(() => void this.#removeOld(), pruneMs)
    this.#timer.unref()
    void this.#removeOld()
  }

  capture(call: CaptureCall): BodyCapture | null {
    const { id, billable, key } = call
    const { workspaces, maxBytes } = this.settings
    if (!billable || workspaces?.has(key.workspaceId) === false) return null
    const target: CaptureTarget = {
      maxBytes,
      reserve: (bytes) => this.#reserve(bytes),
      free: (bytes) => (this.#heldBytes -= bytes),
      store: (bodies, reservedBytes) => this.#store({ ...bodies, callId: id, reservedBytes }),
      countDropped: () => (this.counts.dropped += 1),
    }
    return createBodyCapture(call, target)
  }

  async find(callId: string): Promise<CallBodies | null> {
    while (this.#unwritten.has(callId)) await this.#batch
    return this.isRemoved(callId) ? null : findBodies(this.settings.folder, callId)
  }

  isRemoved(callId: string): boolean {
    const beforeMs = this.#getKeptSince()
    return beforeMs !== null && getHourEnd(callId) <= beforeMs
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
  }

  #reserve(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxHeldBytes) return false
    this.#heldBytes += bytes
    return true
  }

  #store(bodies: WaitingBodies): void {
    this.#waiting.push(bodies)
    this.#unwritten.add(bodies.callId)
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) await (this.#batch = this.#writeBatch())
    // At once: nobody would write the bodies of a call that ends after the look at those that wait.
    this.#writing = null
  }

  /** One write at a time, and one thread that compresses: the calls of the moment need the machine more. */
  async #writeBatch(): Promise<void> {
    // The end of the answer goes out first.
    await new Promise((resolve) => setImmediate(resolve))
    const batch = this.#takeBatch()
    try {
      await this.#write(batch)
      this.counts.stored += batch.length
      this.#hasFailed = false
    } catch (error) {
      this.counts.failed += batch.length
      if (!this.#hasFailed) this.#report('bodies_not_stored', error)
      this.#hasFailed = true
    }
    for (const { callId, reservedBytes } of batch) {
      this.#heldBytes -= reservedBytes
      this.#unwritten.delete(callId)
    }
  }

  #takeBatch(): readonly WaitingBodies[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ reservedBytes }) => (bytes += reservedBytes) >= batchBytes)
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end + 1)
  }

  async #write(batch: readonly WaitingBodies[]): Promise<void> {
    const segments = Map.groupBy(batch, ({ callId }) =>
      nameSegment(this.settings.folder, callId, this.#source),
    )
    for (const [path, bodies] of segments) {
      const block = await encodeBlock(bodies)
      await appendToSegment(path, block, () => (this.#source = randomText(sourceLetters)))
    }
  }

  /** Calls that began before this time are removed; null: all are kept. */
  #getKeptSince(): number | null {
    const { keptMs } = this.settings
    return keptMs === null ? null : this.#options.nowMs() - keptMs
  }

  async #removeOld(): Promise<void> {
    const beforeMs = this.#getKeptSince()
    if (beforeMs === null) return
    try {
      await removeSegments(this.settings.folder, beforeMs)
    } catch (error) {
      this.#report('bodies_not_removed', error)
    }
  }

  #report(event: string, error: unknown): void {
    this.#options.log({ level: 'error', event, message: describe(error) })
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const sourceLetters = 12
const minHeldBytes = 32 * 1024 * 1024
/** The size of a batch, which is compressed and written at once. Each one takes several turns of the event loop, which are long under load. */
const batchBytes = 4 * 1024 * 1024
/** A segment outlives its last call by this at most, and by the hour of the segment. */
const pruneMs = 600_000
