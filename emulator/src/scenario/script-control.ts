import { checkFault, checkScenario, ScenarioError } from './parse-scenario.ts'
import { addPeriod, startTotals, toReport } from './report-totals.ts'
import type { Fault, Rule, Scenario } from './scenario.ts'
import type { Script, ScriptReport } from './script.ts'
import { verifyReport } from './verify.ts'

/** The functions of an emulator on its scenario; `Emulator` describes them. */
export interface ScriptControl {
  readonly use: (added: Rule | Scenario) => void
  readonly replaceScenario: (scenario: Scenario) => void
  readonly failNext: (fault: Fault, times?: number) => void
  readonly verify: () => void
  readonly report: () => ScriptReport
  readonly totalReport: () => ScriptReport
  /** Adds the report to the total, before a reset creates another script. */
  readonly endPeriod: () => void
}

/**
 * `getScript` returns the script in use; a reset replaces it by a new one with the first scenario. `report` returns what
 * was unused and unmatched since then, by default the script's own report.
 */
export function createScriptControl(
  getScript: () => Script,
  report: () => ScriptReport = () => getScript().report(),
): ScriptControl {
  let totals = startTotals(report())
  let isReplaced = false
  const sum = () => addPeriod(totals, report(), isReplaced)
  return {
    use: (added) => getScript().add(checkScenario(added)),
    replaceScenario: (scenario) => {
      const checked = checkScenario(scenario)
      totals = sum()
      isReplaced = true
      getScript().replace(checked)
    },
    failNext: (fault, times = 1) => {
      const checked = checkFault(fault)
      if (!checked.ok) throw new ScenarioError(checked.message)
      if (!Number.isSafeInteger(times) || times < 1)
        throw new ScenarioError(`times must be an integer of at least 1, not ${times}`)
      getScript().failNext(checked.value, times)
    },
    verify: () => verifyReport(report()),
    report,
    totalReport: () => toReport(sum()),
    endPeriod: () => {
      totals = sum()
      isReplaced = false
    },
  }
}
