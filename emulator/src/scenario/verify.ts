import type { ScriptReport } from './script.ts'

/** A scenario was not played as written: rules were not used, or calls met none of them. */
export class VerificationError extends Error {
  readonly report: ScriptReport

  constructor(report: ScriptReport) {
    super(describeReport(report).join('\n'))
    this.name = 'VerificationError'
    this.report = report
  }
}

/** Throws a VerificationError if the report has anything. */
export function verifyReport(report: ScriptReport): void {
  if (report.unused.length > 0 || report.unmatched.length > 0) throw new VerificationError(report)
}

/** One line for each unused rule and unmatched call. */
export function describeReport({ unused, unmatched }: ScriptReport): readonly string[] {
  return [
    ...unused.map(({ rule, used, times }) =>
      times === null ? `${rule} was not used` : `${rule} was used ${used} of ${times} times`,
    ),
    ...unmatched.map(({ path, message }) => `${path}: ${message}`),
  ]
}
