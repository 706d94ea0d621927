import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs'

import { isTrusted, nameSegment } from './journal-folder.ts'
import type { JournalPlace } from './journal-folder.ts'
import { openJournal } from './journal.ts'
import type { Journal } from './journal.ts'
import { isBehind } from './sink.ts'
import type { JournalPosition } from './sink.ts'

export interface SegmentWriterOptions {
  /** Best first. */
  readonly places: readonly JournalPlace[]
  readonly source: string
  /** A new segment begins once one has this size. */
  readonly segmentBytes: number
  /** Every record is flushed to the disk: a finished segment too. */
  readonly isSynced: boolean
  /** The first records of a segment: its columns, and the calls that still run. */
  readonly createHead: () => readonly string[]
}

/** A segment that the store does not have as a whole, with its open file. */
interface Segment {
  readonly number: number
  readonly path: string
  readonly file: Journal
  /** The end of its first records, which every segment has. */
  readonly headEnd: number
}

/**
 * Appends to the segments of one process. If the file cannot be written, was removed or replaced, the records go to a
 * new segment in the first place that takes them, and with them those of the removed file that the store lacks.
 */
export class SegmentWriter {
  /** Why the first place takes nothing; null while it does. */
  failure: string | null = null
  readonly #options: SegmentWriterOptions
  #current: Segment | null = null
  /** Finished segments that the store does not have yet, oldest first. */
  #retired: Segment[] = []
  #number = 0
  #stored: JournalPosition = { segment: 0, offset: 0 }
  /** The size at which the next segment begins; the head of a segment does not count. */
  #fullBytes = 0

  constructor(options: SegmentWriterOptions) {
    this.#options = options
  }

  /** The end of the last record. */
  get position(): JournalPosition {
    return { segment: this.#number, offset: this.#current?.file.size ?? 0 }
  }

  /** The file that takes the records now. */
  get path(): string {
    return this.#current?.path ?? ''
  }

  /** The store has everything up to this position. */
  noteStored(position: JournalPosition): void {
    this.#stored = position
    for (let first = this.#retired[0]; first !== undefined; first = this.#retired[0]) {
      if (isBehind({ segment: first.number, offset: first.file.size }, position)) return
      this.#retired.shift()
      first.file.close()
    }
  }

  /** Throws the first place's error if no place takes the record. */
  append(record: string): void {
    if (this.#current?.file.isReachable() === false) return this.#moveAll(this.#current, record)
    if (this.#current !== null && this.#current.file.size >= this.#fullBytes) this.#rotate()
    if (this.#current === null) return this.#openAnywhere([[record]])
    try {
      this.#current.file.append([record])
    } catch (error) {
      this.failure = getMessage(error)
      this.#openAnywhere([[record]])
    }
  }

  /** Tries the first place again, after a failure. */
  retryFirst(): void {
    if (this.failure === null || this.#current === null) return
    try {
      this.#openIn(this.#options.places[0], [])
      this.failure = null
    } catch (error) {
      this.failure = getMessage(error)
    }
  }

  async sync(): Promise<void> {
    await this.#current?.file.sync()
  }

  close(): void {
    for (const { file } of this.#retired) file.close()
    this.#current?.file.close()
    this.#retired = []
    this.#current = null
  }

  #rotate(): void {
    const place = this.#options.places[this.failure === null ? 0 : 1]
    try {
      this.#openIn(place, [])
    } catch {
      // The old segment may still take records; otherwise its next write fails and moves.
      this.#fullBytes += this.#options.segmentBytes
    }
  }

  /** Moves everything that the store may lack from files that were removed, and appends the record. */
  #moveAll({ path }: Segment, record: string): void {
    this.failure = `${path} was removed or replaced while the server runs`
    this.#openAnywhere({ [Symbol.iterator]: () => this.#readLost(record) })
    const kept = this.#retired.filter(({ file }) => file.isReachable())
    for (const segment of this.#retired) if (!kept.includes(segment)) segment.file.close()
    this.#retired = kept
  }

  *#readLost(record: string): Generator<readonly string[]> {
    const segments = this.#current === null ? this.#retired : [...this.#retired, this.#current]
    for (const { number, file, headEnd } of segments) {
      const storedEnd = number === this.#stored.segment ? this.#stored.offset : 0
      if (!file.isReachable()) yield* file.readFrom(Math.max(headEnd, storedEnd))
    }
    yield [record]
  }

  #openAnywhere(parts: Iterable<readonly string[]>): void {
    let first: unknown = null
    for (const place of this.#options.places) {
      try {
        this.#openIn(place, parts)
        // The first place may take a new file, although the old one is gone.
        this.failure = first === null ? null : getMessage(first)
        return
      } catch (error) {
        first ??= error
      }
    }
    this.failure = getMessage(first)
    throw first
  }

  #openIn(place: JournalPlace | undefined, parts: Iterable<readonly string[]>): void {
    if (place === undefined) throw new Error('there is no other folder for the journal')
    makeFolder(place)
    const number = this.#number + 1
    const path = nameSegment(place, this.#options.source, number)
    const file = openJournal(path)
    let headEnd
    try {
      file.append(this.#options.createHead())
      headEnd = file.size
      for (const records of parts) file.append(records)
      if (this.#options.isSynced) syncFolder(place.folder)
    } catch (error) {
      file.close()
      rmSync(path, { force: true })
      throw error
    }
    this.#retire()
    this.#number = number
    this.#current = { number, path, file, headEnd }
    this.#fullBytes = file.size + this.#options.segmentBytes
  }

  #retire(): void {
    if (this.#current === null) return
    try {
      if (this.#options.isSynced) this.#current.file.syncNow()
    } catch {
      // A disk that fails here has failed the records of this file, which were reported.
    }
    this.#retired.push(this.#current)
    this.#current = null
  }
}

function makeFolder(place: JournalPlace): void {
  try {
    mkdirSync(place.folder, { recursive: place.creates, mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  if (!isTrusted(place)) throw new Error(`${place.folder} belongs to another user`)
}

/** Without this, a power failure could lose the name of a new file. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
