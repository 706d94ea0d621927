import { readSpending } from '../budgets/read-spending.ts'
import type { Reader } from '../store/database.ts'
import { checkLedger } from './check-ledger.ts'
import { createInvoice } from './invoice.ts'
import { findCallPlaces, readCallRows, readCallsAt, readEndedCalls, searchCalls } from './call-search.ts'
import { readLastUses } from './last-uses.ts'
import { readOwnerNames } from './owner-names.ts'
import { printUsagePage } from './printed-usage.ts'
import { readRejections } from './rejected-report.ts'
import { searchRunningCalls } from './running-search.ts'
import { listSessions } from './session-list.ts'
import { readBuckets } from './time-buckets.ts'

/** The reports and lists that a server runs in a thread of their own. Arguments and results are copied between threads. */
export const reportFunctions = {
  checkLedger,
  createInvoice,
  findCallPlaces,
  listSessions,
  printUsagePage,
  readBuckets,
  readCallRows,
  readCallsAt,
  readEndedCalls,
  readLastUses,
  readOwnerNames,
  readRejections,
  readSpending,
  searchCalls,
  searchRunningCalls,
} as const satisfies Readonly<Record<string, (queries: Reader, ...given: never[]) => Promise<unknown>>>

type ReportFunctions = typeof reportFunctions

export type ReportName = keyof ReportFunctions

/** The arguments of a report, without its queries. */
export type ReportArguments<Name extends ReportName> = ReportFunctions[Name] extends (
  queries: Reader,
  ...given: infer Given
) => Promise<unknown>
  ? Given
  : never

export type ReportResult<Name extends ReportName> = Awaited<ReturnType<ReportFunctions[Name]>>
