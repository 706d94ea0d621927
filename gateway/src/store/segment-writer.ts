import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs'

import { isTrusted, nameSegment } from './journal-folder.ts'
import type { JournalPlace } from './journal-folder.ts'
import { openJournal } from './journal.ts'
import type { Journal } from './journal.ts'
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
  /** The records that were in a file which is gone, and are perhaps not in the store. */
  readonly findLost: () => readonly string[]
}

/**
 * Appends to the segments of one process. If the file cannot be written, was removed or replaced, the records go to a
 * new segment in the first place that takes them.
 */
export class SegmentWriter {
  /** Why the first place takes nothing; null while it does. */
  failure: string | null = null
  readonly #options: SegmentWriterOptions
  #file: Journal | null = null
  #path = ''
  #number = 0
  /** The size at which the next segment begins; the head of a segment does not count. */
  #fullBytes = 0

  constructor(options: SegmentWriterOptions) {
    this.#options = options
  }

  /** The end of the last record. */
  get position(): JournalPosition {
    return { segment: this.#number, offset: this.#file?.size ?? 0 }
  }

  /** The file that takes the records now. */
  get path(): string {
    return this.#path
  }

  /** Throws the first place's error if no place takes the record. */
  append(record: string): void {
    if (this.#file === null) return this.#openAnywhere([record])
    // No place has taken the records since it was lost.
    if (this.failure !== null && !this.#file.isReachable()) return this.#openAnywhere([record])
    if (this.#file.size >= this.#fullBytes) this.#rotate()
    try {
      this.#file.append([record])
    } catch (error) {
      return this.#move(error, [record])
    }
    if (!this.#file.isReachable())
      this.#move(new Error(`${this.#path} was removed or replaced while the server runs`), [
        ...this.#options.findLost(),
        record,
      ])
  }

  /** Tries the first place again, after a failure. */
  retryFirst(): void {
    if (this.failure === null || this.#file === null) return
    try {
      this.#openIn(this.#options.places[0], [])
      this.failure = null
    } catch (error) {
      this.failure = getMessage(error)
    }
  }

  async sync(): Promise<void> {
    await this.#file?.sync()
  }

  close(): void {
    this.#file?.close()
    this.#file = null
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

  #move(error: unknown, records: readonly string[]): void {
    this.failure = getMessage(error)
    this.#openAnywhere(records)
  }

  #openAnywhere(records: readonly string[]): void {
    let first: unknown = null
    for (const place of this.#options.places) {
      try {
        this.#openIn(place, records)
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

  #openIn(place: JournalPlace | undefined, records: readonly string[]): void {
    if (place === undefined) throw new Error('there is no other folder for the journal')
    makeFolder(place)
    const path = nameSegment(place, this.#options.source, this.#number + 1)
    const file = openJournal(path)
    try {
      file.append([...this.#options.createHead(), ...records])
      if (this.#options.isSynced) syncFolder(place.folder)
    } catch (error) {
      file.close()
      rmSync(path, { force: true })
      throw error
    }
    this.#retire()
    this.#number += 1
    this.#file = file
    this.#path = path
    this.#fullBytes = file.size + this.#options.segmentBytes
  }

  #retire(): void {
    if (this.#file === null) return
    try {
      if (this.#options.isSynced) this.#file.syncNow()
    } catch {
      // A disk that fails here has failed the records of this file, which were reported.
    }
    this.#file.close()
    this.#file = null
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
