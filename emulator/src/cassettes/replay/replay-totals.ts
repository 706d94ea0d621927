import type { ScriptReport, UnmatchedCall } from '../../scenario/script.ts'
import type { ScriptControl } from '../../scenario/script-control.ts'
import { verifyReport } from '../../scenario/verify.ts'
import type { EmulatorReport } from '../../scenario/verify.ts'
import type { Replay } from './replay.ts'

/** The functions of an emulator on its scenario and its recordings. */
export interface ReportedControl extends ScriptControl {
  readonly report: () => EmulatorReport
  readonly totalReport: () => EmulatorReport
  readonly verify: () => void
}

/** Adds the recordings to the reports of the scenario; `Emulator` describes the functions. */
export function addReplayReports(script: ScriptControl, getReplay: () => Replay | null): ReportedControl {
  const replay = createReplayTotals(getReplay)
  const report = (): EmulatorReport => joinReports(script.report(), replay.report())
  return {
    ...script,
    report,
    totalReport: () => joinReports(script.totalReport(), replay.totalReport()),
    verify: () => verifyReport(report()),
    endPeriod: () => {
      script.endPeriod()
      replay.endPeriod()
    },
  }
}

function joinReports(script: ScriptReport, { unmatched, ...recordings }: ReplayReport): EmulatorReport {
  return { unused: script.unused, unmatched: [...script.unmatched, ...unmatched], ...recordings }
}

/** What a replay adds to the report of an emulator. */
interface ReplayReport {
  /** The requests that no recording matched, oldest first; only the first ones are kept. */
  readonly unmatched: readonly UnmatchedCall[]
  /** The recordings that answered no request; absent without recordings. */
  readonly unusedRecordings?: readonly string[]
}

/** The reports of an emulator's replay: since the last reset, and over all resets. */
interface ReplayTotals {
  readonly report: () => ReplayReport
  /** All misses, and the recordings that answered no request since the start. */
  readonly totalReport: () => ReplayReport
  /** Adds the report to the total, before a reset creates another replay. */
  readonly endPeriod: () => void
}

/** `getReplay` returns the replay in use; null: there are no recordings. */
function createReplayTotals(getReplay: () => Replay | null): ReplayTotals {
  let misses: readonly UnmatchedCall[] = []
  /** The recordings that no ended period used; null: no period has ended. */
  let left: ReadonlySet<string> | null = null
  const report = (): ReplayReport => {
    const replay = getReplay()
    if (replay === null) return { unmatched: [] }
    return {
      unmatched: replay.listMisses(),
      unusedRecordings: replay.listUnused().map(({ label }) => label),
    }
  }
  const totalReport = (): ReplayReport => {
    const { unmatched, unusedRecordings } = report()
    return {
      unmatched: [...misses, ...unmatched].slice(0, maxMisses),
      ...(unusedRecordings && {
        unusedRecordings: unusedRecordings.filter((label) => left?.has(label) ?? true),
      }),
    }
  }
  return {
    report,
    totalReport,
    endPeriod: () => {
      const { unmatched, unusedRecordings = [] } = totalReport()
      misses = unmatched
      left = new Set(unusedRecordings)
    },
  }
}

const maxMisses = 1_000
