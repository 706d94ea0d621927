import { describeReport } from '@anthology/emulator'
import type { ScriptReport } from '@anthology/emulator'

/**
 * Prints a verification as JUnit XML, which CI systems show as test results: one test case for each rule, which fails if
 * the rule was not used, and one for each unmatched call.
 */
export function printJunit(rules: readonly string[], { unused, unmatched }: ScriptReport): string {
  const cases = [
    ...rules.map((rule) => {
      const failed = unused.filter((entry) => entry.rule === rule)
      return { name: rule, failure: describeReport({ unused: failed, unmatched: [] })[0] ?? null }
    }),
    ...unmatched.map((call, index) => ({
      name: `call ${index + 1} to ${call.path}`,
      failure: call.message,
    })),
  ]
  const failures = cases.filter(({ failure }) => failure !== null).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="anthology emulate" tests="${cases.length}" failures="${failures}">`,
    ...cases.map(({ name, failure }) => printCase(name, failure)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function printCase(name: string, failure: string | null): string {
  const start = `    <testcase classname="scenario" name="${escapeXml(name)}"`
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
