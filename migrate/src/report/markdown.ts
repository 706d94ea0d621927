import { mergeAdvice } from '../advice/advice.ts'
import { severities } from '../finding.ts'
import type { JudgedFinding, Severity } from '../finding.ts'
import type { Summary } from './summary.ts'

/** A step summary of GitHub holds 1 MiB; a comment 65,536 characters. */
const maxRows = 200

const titles: Readonly<Record<Severity, string>> = {
  breaks: 'Refused',
  changes: 'Changes without an error',
  tune: 'Can be better',
  note: 'Notes',
}

/** Prints findings and counts as Markdown for a pull request. */
export function formatMarkdown(findings: readonly JudgedFinding[], summary: Summary): string {
  const { findings: counts, files, edits, edited_files: edited, unrepaired, moves } = summary
  const shown = severities.filter((severity) => severity !== 'note' && counts[severity] > 0)
  return [
    '## Models',
    '',
    `${counts.breaks} refused, ${counts.changes} changed, ${counts.tune} to tune, in ${files.read} files; ${edits} edits in ${edited} files.`,
    ...(unrepaired > 0 ? ['', `**${unrepaired} places are refused and need a decision.**`] : []),
    ...moves.flatMap(({ from, to, places, changes }) => [
      '',
      `### \`${from}\` → \`${to}\` (${places} ${places === 1 ? 'place' : 'places'})`,
      '',
      ...changes.map(({ severity, message }) => `- ${severity}: ${message}`),
    ]),
    ...shown.flatMap((severity) =>
      printTable(
        severity,
        findings.filter((one) => one.severity === severity),
      ),
    ),
    ...printAdvice(moves),
    '',
  ].join('\n')
}

function printAdvice(moves: Summary['moves']): readonly string[] {
  const advice = mergeAdvice(moves)
  if (advice.length === 0) return []
  return [
    '',
    '### Advice, which is offered and not applied',
    '',
    ...advice.map(({ topic, text, link }) => `- ${topic}: ${text} ([source](${link}))`),
  ]
}

function printTable(severity: Severity, findings: readonly JudgedFinding[]): readonly string[] {
  const left = findings.length - maxRows
  return [
    '',
    `### ${titles[severity]}`,
    '',
    '| place | found | what happens | change |',
    '| --- | --- | --- | --- |',
    ...findings.slice(0, maxRows).map(printRow),
    ...(left > 0 ? ['', `and ${left} more`] : []),
  ]
}

function printRow({ path, line, text, message, edit, hint }: JudgedFinding): string {
  const change = edit === null ? (hint ?? '') : edit.after === '' ? 'removed' : code(edit.after)
  return `| ${code(`${path}:${line}`)} | ${code(text)} | ${escapeCell(message)} | ${edit === null ? escapeCell(change) : change} |`
}

/** Text in backticks cannot contain any, and a cell no bar. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim()
  return `\`${escapeBars(line.length > 80 ? `${line.slice(0, 77)}...` : line)}\``
}

function escapeCell(text: string): string {
  return escapeBars(text.replaceAll(/\s+/g, ' ')).replaceAll('<', '&lt;')
}

/** A backslash before a bar would escape the escape. */
function escapeBars(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}
