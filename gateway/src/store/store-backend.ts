import type { KeyRecord } from '../auth/key-record.ts'
import type { LogEntry } from '../log.ts'
import type { MaintenanceSteps } from './maintenance.ts'
import type { Retention } from './retention.ts'
import type { LedgerSink } from './sink.ts'

/** A store as the writer thread uses it. Closing the sink closes it. */
export interface StoreBackend {
  readonly sink: LedgerSink
  /** Findings of the start, for the log. */
  readonly entries: readonly LogEntry[]
  /** Throws a LostFileError if files that the server needs were removed or replaced. */
  check(): void
  /** Makes the steps that derive coarser sums and remove old rows. */
  createSteps(retention: Retention): MaintenanceSteps
  /** Calls `onKeys` after any process has changed keys. The writer calls `poll` a few times a second. */
  watchKeys(onKeys: (keys: readonly KeyRecord[]) => void): KeyWatch
}

export interface KeyWatch {
  poll(): void
  close(): Promise<void>
}

/** Files of the data folder are gone: until the server is restarted, no new call may begin. */
export class LostFileError extends Error {}
