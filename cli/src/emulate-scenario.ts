import { writeFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { describeReport, listRules, parseScenario, toReportJson } from '@anthology/emulator'
import type { Emulator, EmulatorReport, Scenario } from '@anthology/emulator'

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
    help: 'when stopped, list unused rules, unused recordings and unmatched calls, and end with exit code 1 if there are any',
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
        'scenario.schema.json of @anthology/emulator describes every member of a scenario.',
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

export interface VerificationOptions {
  readonly junitFile: string | null
  readonly asJson: boolean
  /** The labels of all recordings; null: the emulator has none. */
  readonly recordings: readonly string[] | null
}

/**
 * Prints the unused rules, the unused recordings and the unmatched calls since the start, also those before a reset over
 * the control API; returns the exit code.
 */
export function finishVerification(
  context: Context,
  emulator: Emulator,
  { junitFile, asJson, recordings }: VerificationOptions,
): number {
  const report = emulator.totalReport()
  const rules = [...new Set([...listRules(emulator.scenario), ...report.unused.map(({ rule }) => rule)])]
  // Printed first, because the file may not be writable.
  context.out(
    asJson
      ? JSON.stringify(toReportJson(report))
      : describeVerification({ rules: rules.length, recordings: recordings?.length ?? null }, report),
  )
  if (junitFile !== null)
    writeFileSync(junitFile, printJunit({ rules, recordings: recordings ?? [] }, report))
  return isMet(report) ? 0 : 1
}

function isMet({ unused, unmatched, unusedRecordings = [] }: EmulatorReport): boolean {
  return unused.length === 0 && unmatched.length === 0 && unusedRecordings.length === 0
}

/** The number of rules, and of recordings; null: the emulator has none. */
interface VerifiedCounts {
  readonly rules: number
  readonly recordings: number | null
}

function describeVerification(counts: VerifiedCounts, report: EmulatorReport): string {
  if (isMet(report)) return describeSuccess(counts)
  const { unused, unmatched, unusedRecordings = [] } = report
  const { rules, recordings } = counts
  const figures = [
    rules > 0 || recordings === null ? `unused rules ${unused.length} of ${rules}` : '',
    recordings === null ? '' : `unused recordings ${unusedRecordings.length} of ${recordings}`,
    `unmatched calls ${unmatched.length}`,
  ].filter((figure) => figure !== '')
  return [
    `${rules === 0 && recordings !== null ? 'The recordings' : 'The scenario'}: ${figures.join(', ')}.`,
    ...describeReport(report).map((line) => `  ${line}`),
  ].join('\n')
}

function describeSuccess({ rules, recordings }: VerifiedCounts): string {
  const used = [
    ...(rules > 0 ? [`all ${rules} rules of the scenario`] : []),
    ...(recordings !== null && recordings > 0 ? [`all ${recordings} recordings`] : []),
  ].join(' and ')
  if (used === '') return recordings === null ? 'The scenario has no rules.' : 'There are no recordings.'
  return `${used.charAt(0).toUpperCase()}${used.slice(1)} were used, and every call matched one.`
}
