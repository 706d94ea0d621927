import type { ScriptReport } from './script.ts'

type UnusedRule = ScriptReport['unused'][number]

/** The sum of the reports of several periods, each of which ends with a reset. */
export interface ReportTotals {
  /** The labels of the rules of the first scenario. */
  readonly labels: ReadonlySet<string>
  /** The rules of the first scenario that no period used. */
  readonly left: readonly UnusedRule[]
  /** The unmatched calls, and other rules that their own period did not use. */
  readonly others: ScriptReport
}

/** `initial` is a report before any call, which has all rules of the first scenario. */
export function startTotals({ unused }: ScriptReport): ReportTotals {
  return {
    labels: new Set(unused.map(({ rule }) => rule)),
    left: unused,
    others: { unused: [], unmatched: [] },
  }
}

/** Adds a period. `isReplaced`: another scenario was in use, whose rules may have the same labels. */
export function addPeriod(totals: ReportTotals, report: ScriptReport, isReplaced: boolean): ReportTotals {
  const { labels, left, others } = totals
  const own = selectOwnProblems(totals, report, isReplaced)
  const added = {
    unused: [...others.unused, ...own.unused].slice(0, maxEntries),
    unmatched: [...others.unmatched, ...own.unmatched].slice(0, maxEntries),
  }
  if (isReplaced) return { labels, left, others: added }
  const unused = new Map(report.unused.map((entry) => [entry.rule, entry]))
  const stillLeft = left.flatMap((entry) => {
    const now = unused.get(entry.rule)
    return now === undefined ? [] : [now.used > entry.used ? now : entry]
  })
  return { labels, left: stillLeft, others: added }
}

/** The problems of a period by itself: unmatched calls, and unused rules that the first scenario does not have. */
export function selectOwnProblems(
  { labels }: ReportTotals,
  { unused, unmatched }: ScriptReport,
  isReplaced: boolean,
): ScriptReport {
  return { unused: unused.filter(({ rule }) => isReplaced || !labels.has(rule)), unmatched }
}

/** Returns the totals as one report. */
export function toReport({ left, others }: ReportTotals): ScriptReport {
  return { unused: [...left, ...others.unused], unmatched: others.unmatched }
}

const maxEntries = 1_000
