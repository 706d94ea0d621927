import { diffArrays } from 'diff'

import type { JudgedFinding } from '../src/index.ts'
import type { Label } from './labels.ts'

/** How a file of a labelled case was judged and edited. */
export interface Comparison {
  readonly found: readonly Label[]
  readonly missed: readonly Label[]
  /** Found, but less severe than the facts call for. */
  readonly understated: readonly Label[]
  /** Findings above a note where the labels have no place. */
  readonly unfounded: readonly JudgedFinding[]
  readonly edited: readonly Label[]
  /** Places whose lines are not as they should be after the edits. */
  readonly wronglyEdited: readonly { readonly label: Label; readonly actual: string }[]
  /** Lines that changed although no label says so. */
  readonly stray: readonly WrongLines[]
}

/** Compares findings and edits of one file with its labels. */
export function compare(
  text: string,
  labels: readonly Label[],
  result: { readonly findings: readonly JudgedFinding[]; readonly text: string },
): Comparison {
  const { findings } = result
  const places = labels.filter((label) => label.expect === 'edit' || label.expect === 'finding')
  const isFound = (label: Label) => findings.some((finding) => overlaps(text, label, finding))
  const wrong = listWrongLines(text, labels, result.text)
  const findWrong = (label: Label) =>
    wrong.find(({ lines }) => listLines(label).some((line) => lines.includes(line)))
  const labelled = new Set(places.flatMap(listLines))
  return {
    found: places.filter(isFound),
    missed: places.filter((label) => !isFound(label)),
    understated: places.filter((label) => isFound(label) && isUnderstated(text, label, findings)),
    unfounded: findings.filter(
      (finding) =>
        finding.severity !== 'note' &&
        !labels.some((label) => label.expect !== 'none' && overlaps(text, label, finding)),
    ),
    edited: places.filter((label) => label.expect === 'edit' && findWrong(label) === undefined),
    wronglyEdited: places.flatMap((label) => {
      const found = findWrong(label)
      return found === undefined ? [] : [{ label, actual: found.actual }]
    }),
    stray: wrong.filter(({ lines }) => !lines.some((line) => labelled.has(line))),
  }
}

const severities = ['note', 'tune', 'changes', 'breaks']

function isUnderstated(text: string, label: Label, findings: readonly JudgedFinding[]): boolean {
  const { severity } = label
  if (severity === undefined) return false
  return !findings.some(
    (finding) =>
      overlaps(text, label, finding) && severities.indexOf(finding.severity) >= severities.indexOf(severity),
  )
}

function overlaps(text: string, label: Label, finding: JudgedFinding): boolean {
  const starts = listStarts(text)
  const line = text.split('\n')[label.line - 1] ?? ''
  const from = (starts[label.line - 1] ?? 0) + line.indexOf(label.text)
  const last = label.through === undefined ? from + label.text.length : (starts[label.through] ?? text.length)
  const start = (starts[finding.line - 1] ?? 0) + finding.column - 1
  return start < last && from < start + Math.max(finding.text.length, 1)
}

function listStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
}

function listLines({ line, through = line }: Label): readonly number[] {
  return Array.from({ length: through - line + 1 }, (_, index) => line + index)
}

interface OriginLine {
  readonly text: string
  /** The line of the original text that it stems from. */
  readonly line: number
}

interface WrongLines {
  /** Lines of the original text, from 1. */
  readonly lines: readonly number[]
  /** What stands there after the edits. */
  readonly actual: string
}

/** The stretches of the original that are not as the labels say. */
function listWrongLines(text: string, labels: readonly Label[], actual: string): readonly WrongLines[] {
  const expected = expectLines(text.split('\n'), labels, actual)
  const wrong: WrongLines[] = []
  let [at, from, added] = [0, 0, ''] as [number, number, string]
  const close = () => {
    if (at > from || added !== '') wrong.push({ lines: listOrigins(expected, from, at), actual: added })
  }
  const texts = expected.map((line) => line.text)
  for (const part of diffArrays(texts, actual.split('\n'))) {
    if (part.removed) at += part.value.length
    else if (part.added) added = part.value.join('\n')
    else {
      close()
      at += part.value.length
      from = at
      added = ''
    }
  }
  close()
  return wrong
}

/** The lines of the original from which expected lines stem, or between whose neighbours nothing was expected. */
function listOrigins(expected: readonly OriginLine[], from: number, to: number): readonly number[] {
  const before = expected[from - 1]?.line ?? 0
  const after = expected[to]?.line ?? before + 1
  const lines = [
    ...new Set([...expected.slice(from, to).map(({ line }) => line), ...range(before + 1, after)]),
  ]
  return lines.length === 0 ? [before] : lines.sort((a, b) => a - b)
}

/** The lines after the edits that the labels ask for; of several right results the one that was chosen. */
function expectLines(
  lines: readonly string[],
  labels: readonly Label[],
  actual: string,
): readonly OriginLine[] {
  const contains = (text: string) => `\n${actual}\n`.includes(`\n${text}\n`)
  const expected: OriginLine[] = []
  let next = 1
  for (const [index, text] of lines.entries()) {
    const line = index + 1
    const here = labels.filter((label) => label.line === line)
    const change = here.find(
      ({ becomes, or, adds }) => adds === undefined && (becomes !== undefined || or !== undefined),
    )
    if (line >= next) {
      const chosen = change === undefined ? text : choose(change, text, contains)
      if (chosen !== null) expected.push(...chosen.split('\n').map((each) => ({ text: each, line })))
      next = (change?.through ?? line) + 1
    }
    for (const label of labels)
      if (
        label.adds !== undefined &&
        isAdded(label, contains) &&
        locateAddition(label, lines, contains) === line
      )
        expected.push(
          ...chooseAddition(label, contains)
            .split('\n')
            .map((each) => ({ text: each, line })),
        )
  }
  return expected
}

function choose(
  { becomes, or = [] }: Label,
  text: string,
  contains: (text: string) => boolean,
): string | null {
  const first = becomes === undefined ? text : becomes
  const written = [first, ...or].find((each) => each !== null && contains(each))
  if (written !== undefined) return written
  return [first, ...or].includes(null) ? null : first
}

/** An addition that is optional counts only where it was made. */
function isAdded(label: Label, contains: (text: string) => boolean): boolean {
  return label.expect !== 'optional' || contains(label.adds ?? '')
}

function chooseAddition({ adds = '', or = [] }: Label, contains: (text: string) => boolean): string {
  return [adds, ...or].find((each): each is string => each !== null && contains(each)) ?? adds
}

function locateAddition(label: Label, lines: readonly string[], contains: (text: string) => boolean): number {
  const [from, to] = label.within ?? [label.line, label.line]
  const text = chooseAddition(label, contains)
  return range(from, to + 1).find((line) => contains(`${lines[line - 1] ?? ''}\n${text}`)) ?? label.line
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, index) => from + index)
}
