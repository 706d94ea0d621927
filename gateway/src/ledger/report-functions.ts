import type { Queries } from '../store/database.ts'
import { readCallRows, readEndedCalls, searchCalls, searchRunningCalls } from './call-search.ts'
import { sumLedger } from './ledger-sum.ts'
import { readOwnerNames } from './owner-names.ts'
import { listSessions } from './session-list.ts'
import { readBuckets } from './time-buckets.ts'
import { readUsage } from './usage-report.ts'

/** The reports and lists that a server runs in a thread of their own. Arguments and results are copied between threads. */
export const reportFunctions = {
  listSessions,
  readBuckets,
  readCallRows,
  readEndedCalls,
  readOwnerNames,
  readUsage,
  searchCalls,
  searchRunningCalls,
  sumLedger,
} as const satisfies Readonly<Record<string, (queries: Queries, ...given: never[]) => Promise<unknown>>>

type ReportFunctions = typeof reportFunctions

export type ReportName = keyof ReportFunctions

/** The arguments of a report, without its queries. */
export type ReportArguments<Name extends ReportName> = ReportFunctions[Name] extends (
  queries: Queries,
  ...given: infer Given
) => Promise<unknown>
  ? Given
  : never

export type ReportResult<Name extends ReportName> = Awaited<ReturnType<ReportFunctions[Name]>>
