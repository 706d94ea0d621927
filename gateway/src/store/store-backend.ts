import type { LogEntry } from '../log.ts'
import type { LedgerSink } from './sink.ts'

/** A store as the writer thread uses it. */
export interface StoreBackend {
  readonly sink: LedgerSink
  /** Findings of the start, for the log. */
  readonly entries: readonly LogEntry[]
  /** Throws a LostFileError if the store's files were removed or replaced. */
  check(): void
  /** Calls `onChange` when keys may have changed. The writer calls `poll` a few times a second. */
  watchKeys(onChange: () => void): KeyWatch
  close(): Promise<void>
}

export interface KeyWatch {
  poll(): void
  close(): Promise<void>
}

/** The store's files are gone: until the server is restarted, no new call may begin. */
export class LostFileError extends Error {}
