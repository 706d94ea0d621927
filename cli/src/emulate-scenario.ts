import { writeFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { describeReport, listRules, parseScenario } from '@anthology/emulator'
import type { Emulator, Scenario, ScriptReport } from '@anthology/emulator'

import { UsageError, getText, listTexts } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { getFileName, readText } from './json-file.ts'
import { printJunit } from './junit.ts'

export const scenarioOptions = {
  scenario: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    help: 'scenario (YAML or JSON): what to answer, and where to fail; several files are appended in their order',
  },
  verify: {
    type: 'boolean',
    help: 'when stopped, list unused rules and unmatched calls, and end with exit code 1 if there are any',
  },
  junit: { type: 'string', value: 'FILE', help: 'with --verify: also write the result as JUnit XML' },
  'no-control': {
    type: 'boolean',
    help: 'leave out the control API (/emulator/v1 and /healthz)',
  },
} as const satisfies Record<string, Option>

/**
 * Reads the scenario files as one scenario: the rules of all in their order, and `unmatched` of the last file that has it.
 * Returns undefined if none is given.
 */
export async function readScenario(context: Context, values: Values): Promise<Scenario | undefined> {
  const files = listTexts(values, 'scenario')
  if (files.length === 0) return undefined
  let scenario: Scenario = { version: 1, rules: [] }
  for (const file of files) {
    const parsed = parseScenario(await readText(context, file), getFileName(file), (line) =>
      context.err(`Note: ${line}`),
    )
    if (!parsed.ok)
      throw new UsageError(
        parsed.message,
        'emulator/scenario.schema.json describes every member of a scenario.',
      )
    scenario = { ...scenario, ...parsed.value, rules: [...scenario.rules, ...parsed.value.rules] }
  }
  return scenario
}

/** The choice of `--verify` and `--junit`. */
export interface Verification {
  readonly isWanted: boolean
  /** The path of the JUnit file; null: none. */
  readonly junitFile: string | null
}

export function readVerification({ cwd }: Context, values: Values): Verification {
  const file = getText(values, 'junit')
  const isWanted = values['verify'] === true
  if (file !== undefined && !isWanted)
    throw new UsageError('--junit needs --verify', 'Give both, or leave --junit out.')
  return { isWanted, junitFile: file === undefined ? null : resolvePath(cwd, file) }
}

/**
 * Prints the unused rules and the unmatched calls since the start, also those before a reset over the control API; returns
 * the exit code.
 */
export function finishVerification(
  context: Context,
  emulator: Emulator,
  { junitFile, asJson }: { readonly junitFile: string | null; readonly asJson: boolean },
): number {
  const report = emulator.totalReport()
  const rules = [...new Set([...listRules(emulator.scenario), ...report.unused.map(({ rule }) => rule)])]
  // Printed first, because the file may not be writable.
  context.out(asJson ? JSON.stringify(report) : describeVerification(rules.length, report))
  if (junitFile !== null) writeFileSync(junitFile, printJunit(rules, report))
  return isMet(report) ? 0 : 1
}

function isMet({ unused, unmatched }: ScriptReport): boolean {
  return unused.length === 0 && unmatched.length === 0
}

function describeVerification(ruleCount: number, report: ScriptReport): string {
  if (isMet(report))
    return ruleCount === 0
      ? 'The scenario has no rules.'
      : `All ${ruleCount} rules of the scenario were used, and every call matched one.`
  const { unused, unmatched } = report
  return [
    `The scenario: unused rules ${unused.length} of ${ruleCount}, unmatched calls ${unmatched.length}.`,
    ...describeReport(report).map((line) => `  ${line}`),
  ].join('\n')
}
