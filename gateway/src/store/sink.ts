import type { KeyRecord } from '../auth/key-record.ts'
import type { RejectedCalls } from '../ledger/rejected-calls.ts'
import type { RollupChange } from '../ledger/rollup.ts'
import type { ColumnValue } from '../ledger/row-codec.ts'
import type { Resource, ResourceChange, ResourceQuery } from '../resources/resource.ts'

/**
 * The store behind the journals. The ingester (ingester.ts) reads the journals of all processes and hands over what
 * it found; a sink stores it. One sink has one ingester, which waits for each call before the next one.
 */
export interface LedgerSink {
  /**
   * Stores everything and the positions in one transaction; after an error nothing is stored, and the same part comes
   * again. Storing it twice must change nothing: a row replaces one with the same id.
   */
  ingest(part: JournalPart): Promise<void>
  /** Stores rows of a backup in one transaction. */
  restore(part: RestoredPart): Promise<void>
  /** The stored positions, by source. */
  readPositions(): Promise<ReadonlyMap<string, JournalPosition>>
  /** Sets the listed calls of processes that left no journal to `unknown`, and returns their number. */
  closeListedCalls(): Promise<number>
  queryResources(query: ResourceQuery): Promise<readonly Resource[]>
  listKeys(): Promise<readonly KeyRecord[]>
  close(): Promise<void>
}

/** A place in the journal of one process: all records before it are stored. */
export interface JournalPosition {
  /** The number of the segment. */
  readonly segment: number
  /** Bytes from its beginning. */
  readonly offset: number
}

/** True if the first position is behind the second. */
export function isBehind(one: JournalPosition, other: JournalPosition): boolean {
  return one.segment === other.segment ? one.offset > other.offset : one.segment > other.segment
}

/** A part of the journals of one or more processes. */
export interface JournalPart {
  /** Calls that have ended, and those of exited processes (`unknown`), in the order of `callColumns`. */
  readonly calls: readonly (readonly ColumnValue[])[]
  /** Calls that have run for a while, which makes them visible in `all_calls`. */
  readonly opened: readonly OpenCall[]
  /** The ids of calls that are listed as open and have ended. */
  readonly closed: readonly string[]
  /** In their order; they belong behind the calls, so that no batch is settled before its rows are stored. */
  readonly changes: readonly ResourceChange[]
  readonly rejections: readonly RejectedCalls[]
  /** The new position of each source; null forgets a source whose journal is removed. */
  readonly positions: readonly (readonly [source: string, position: JournalPosition | null])[]
}

export interface RestoredPart {
  /** Calls whose sums are stored already, as values of `callColumns`. One that is stored stays as it is. */
  readonly calls: readonly (readonly ColumnValue[])[]
  /** Sums of hours to add. */
  readonly sums: readonly RollupChange[]
}

/** A running call. */
export interface OpenCall {
  readonly id: string
  /** The process that runs it. */
  readonly source: string
  /** Values in the order of `startColumns`. */
  readonly start: readonly ColumnValue[]
}
