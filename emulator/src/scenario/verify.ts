import type { ScriptReport } from './script.ts'

/** What was not used as written, and what was not expected. */
export interface EmulatorReport extends ScriptReport {
  /** The recordings that answered no request; absent without recordings. */
  readonly unusedRecordings?: readonly string[]
}

/** A scenario was not played as written: rules were not used, or calls met none of them. */
export class VerificationError extends Error {
  readonly report: ScriptReport

  constructor(report: ScriptReport) {
    super(describeReport(report).join('\n'))
    this.name = 'VerificationError'
    this.report = report
  }
}

/** Throws a VerificationError if the report has an unused rule or an unmatched call. */
export function verifyReport({ unused, unmatched }: ScriptReport): void {
  if (unused.length > 0 || unmatched.length > 0) throw new VerificationError({ unused, unmatched })
}

/** Returns the report as the control API and `emulate --json` print it. */
export function toReportJson({
  unusedRecordings,
  ...report
}: EmulatorReport): Readonly<Record<string, unknown>> {
  return { ...report, ...(unusedRecordings && { unused_recordings: unusedRecordings }) }
}

/** One line for each unused rule, unused recording and unmatched call. */
export function describeReport({
  unused,
  unusedRecordings = [],
  unmatched,
}: EmulatorReport): readonly string[] {
  return [
    ...unused.map(({ rule, used, times }) =>
      times === null ? `${rule} was not used` : `${rule} was used ${used} of ${times} times`,
    ),
    ...unusedRecordings.map((label) => `recording ${label} was not used`),
    ...unmatched.map(({ path, message }) => `${path}: ${message}`),
  ]
}
