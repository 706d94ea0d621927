import type { ConformProtocol, Row } from './check.ts'

/** The rows as a JUnit report, which CI systems show as tests. */
export function formatJunit(rows: readonly Row[], protocol: ConformProtocol): string {
  const count = (result: Row['result']): number => rows.filter((row) => row.result === result).length
  const seconds = (ms: number): string => (ms / 1_000).toFixed(3)
  const totalMs = rows.reduce((sum, { tookMs }) => sum + tookMs, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="anthology conform ${protocol}" tests="${rows.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds(totalMs)}">`,
    ...rows.flatMap((row) => [
      `  <testcase classname="${protocol}" name="${escapeXml(`${row.id}: ${row.asks}`)}" time="${seconds(row.tookMs)}">`,
      ...describeResult(row),
      '  </testcase>',
    ]),
    '</testsuite>',
    '',
  ].join('\n')
}

function describeResult({ result, because, sent, got, source }: Row): readonly string[] {
  if (result === 'passed') return []
  if (result === 'skipped') return [`    <skipped message="${escapeXml(because)}"/>`]
  const detail = [`sent: ${sent}`, `got: ${got}`, `source: ${source}`].join('\n')
  return [`    <failure message="${escapeXml(because)}">${escapeXml(detail)}</failure>`]
}

function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\x20-\uD7FF\uE000-\uFFFD]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
