import { structuredPatch } from 'diff'

import { mergeAdvice } from '../advice/advice.ts'
import type { JudgedFinding, Severity } from '../finding.ts'
import type { Summary } from './summary.ts'

/** Paints a part of the report; the identity without colours. */
export type Paint = (text: string, style: 'bold' | 'red' | 'yellow' | 'green' | 'dim') => string

const styles: Readonly<Record<Severity, Parameters<Paint>[1]>> = {
  breaks: 'red',
  changes: 'yellow',
  tune: 'green',
  note: 'dim',
}

/** Prints the findings of one file, each with its place, its effect and its change. */
export function formatFindings(findings: readonly JudgedFinding[], paint: Paint): readonly string[] {
  return findings.flatMap(
    ({ path, line, column, severity, class: placeClass, message, edit, hint, code }) => {
      const place = `${paint(`${path}:${line}:${column}`, 'bold')} ${paint(severity, styles[severity])} ${placeClass}`
      const change = edit === null ? [] : [`    ${paint(formatEdit(edit), 'green')}`]
      const advice = edit === null && hint !== null ? [`    ${hint}`] : []
      return [`${place} ${paint(code, 'dim')}`, `    ${message}`, ...change, ...advice]
    },
  )
}

function formatEdit({ before, after }: { readonly before: string; readonly after: string }): string {
  return after === '' ? `remove ${shorten(before)}` : `${shorten(before)} -> ${shorten(after)}`
}

function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > 100 ? `${line.slice(0, 97)}...` : line
}

/** Prints the changes of a file as a unified diff, which `git apply` takes. */
export function formatDiff(path: string, before: string, after: string): readonly string[] {
  if (before === after) return []
  const { hunks } = structuredPatch(path, path, before, after, '', '', { context: 2 })
  return [
    `--- a/${path}`,
    `+++ b/${path}`,
    ...hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines,
    ]),
  ]
}

function formatAdvice({ moves }: Pick<Summary, 'moves'>, paint: Paint): readonly string[] {
  const advice = mergeAdvice(moves)
  if (advice.length === 0) return []
  return [
    paint('Advice, which is offered and not applied', 'bold'),
    ...advice.flatMap(({ topic, text, link }) => [`    ${topic}: ${text}`, `        ${paint(link, 'dim')}`]),
  ]
}

/** Prints the counts, and for each move what every call meets. */
export function formatSummary(summary: Summary, paint: Paint): readonly string[] {
  const { files, findings, edits, edited_files: edited, unrepaired, moves } = summary
  const skipped =
    files.binary + files.large === 0
      ? ''
      : `; skipped: ${files.binary} binary, ${files.large} larger than 1 MB`
  return [
    `${files.read} files read${skipped}`,
    `${findings.breaks} break, ${findings.changes} change, ${findings.tune} to tune, ${findings.note} notes; ${edits} edits in ${edited} files`,
    ...(unrepaired > 0
      ? [paint(`${unrepaired} places are refused and need a decision of yours`, 'red')]
      : []),
    ...moves.flatMap(({ from, to, places, changes }) => [
      paint(`${from} -> ${to} (${places} ${places === 1 ? 'place' : 'places'})`, 'bold'),
      ...changes.map(({ severity, message }) => `    ${paint(severity, styles[severity])} ${message}`),
    ]),
    ...formatAdvice(summary, paint),
  ]
}
