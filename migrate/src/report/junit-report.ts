import type { JudgedFinding } from '../finding.ts'

/** Prints findings as JUnit XML: a test case each, which fails where a request breaks or changes. */
export function formatJunit(findings: readonly JudgedFinding[]): string {
  const files = Map.groupBy(findings, ({ path }) => path)
  const failures = findings.filter(isFailure).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="anthology lint" tests="${findings.length}" failures="${failures}">`,
    ...[...files].flatMap(([path, found]) => [
      `  <testsuite name="${escapeXml(path)}" tests="${found.length}" failures="${found.filter(isFailure).length}">`,
      ...found.map(printCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function isFailure({ severity }: JudgedFinding): boolean {
  return severity === 'breaks' || severity === 'changes'
}

function printCase(finding: JudgedFinding): string {
  const { path, line, column, code, text, message, hint } = finding
  const name = `${code} at ${line}:${column} ${text}`
  const start = `    <testcase classname="${escapeXml(path)}" name="${escapeXml(name)}"`
  if (!isFailure(finding)) return `${start}/>`
  const detail = hint === null ? message : `${message} ${hint}`
  return `${start}><failure type="${escapeXml(finding.severity)}" message="${escapeXml(detail)}"/></testcase>`
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
