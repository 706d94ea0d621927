import { describeReport } from '@anthology/emulator'
import type { EmulatorReport } from '@anthology/emulator'

/** Everything that a verification expects to be used, by label. */
export interface VerifiedLabels {
  readonly rules: readonly string[]
  readonly recordings: readonly string[]
}

/**
 * Prints a verification as JUnit XML, which CI systems show as test results: one test case for each rule and each
 * recording, which fails if it was not used, and one for each unmatched call.
 */
export function printJunit({ rules, recordings }: VerifiedLabels, report: EmulatorReport): string {
  const { unused, unmatched, unusedRecordings = [] } = report
  const cases = [
    ...rules.map((rule) => {
      const failed = unused.filter((entry) => entry.rule === rule)
      return createCase('scenario', rule, { unused: failed, unmatched: [] })
    }),
    ...recordings.map((label) => {
      const failed = unusedRecordings.filter((other) => other === label)
      return createCase('recordings', label, { unused: [], unmatched: [], unusedRecordings: failed })
    }),
    ...unmatched.map((call, index) => ({
      group: 'scenario',
      name: `call ${index + 1} to ${call.path}`,
      failure: call.message,
    })),
  ]
  const failures = cases.filter(({ failure }) => failure !== null).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="anthology emulate" tests="${cases.length}" failures="${failures}">`,
    ...cases.map(printCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

interface Case {
  readonly group: string
  readonly name: string
  /** Null: it has passed. */
  readonly failure: string | null
}

function createCase(group: string, name: string, failed: EmulatorReport): Case {
  return { group, name, failure: describeReport(failed)[0] ?? null }
}

function printCase({ group, name, failure }: Case): string {
  const start = `    <testcase classname="${group}" name="${escapeXml(name)}"`
  if (failure === null) return `${start}/>`
  return `${start}><failure message="${escapeXml(failure)}"/></testcase>`
}

/** XML 1.0 cannot contain most control characters, not even escaped. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
}
