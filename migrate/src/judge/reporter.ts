import type { Platform } from '@anthology/catalog'

import type { JudgedFinding, PlaceClass, Severity, TextEdit } from '../finding.ts'
import type { ScannedFile } from '../find/scan-file.ts'
import { toFileOffset } from '../find/segments.ts'
import type { Segment } from '../find/segments.ts'
import { createLineIndex } from './line-index.ts'
import { getLink } from './links.ts'

/** A finding with the offsets of its segment. */
export interface Reported {
  readonly start: number
  readonly end: number
  readonly model: string | null
  readonly platform: Platform | null
  readonly class: PlaceClass
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint: string | null
  readonly after: string | null
  readonly edits: readonly TextEdit[]
  /** The range that `after` replaces, if it is not the one of the finding. */
  readonly changed?: readonly [number, number]
}

/** Collects the findings of one file. */
export interface Reporter {
  readonly add: (segment: Segment, finding: Reported) => void
  /** True if there is a finding that starts at the offset. */
  readonly has: (segment: Segment, start: number) => boolean
  /** True if there is a finding with the code that starts at the offset. */
  readonly knows: (segment: Segment, start: number, code: string) => boolean
  /** True at the first use of a key. */
  readonly claim: (key: string) => boolean
  readonly finish: () => readonly JudgedFinding[]
}

export function createReporter({ path, text }: ScannedFile): Reporter {
  const findings: JudgedFinding[] = []
  const lines = createLineIndex(text)
  const claimed = new Set<string>()
  const seen = new Set<string>()
  const starts = new Set<number>()
  return {
    has: (segment, start) => starts.has(toFileOffset(segment, start)),
    knows: (segment, start, code) => seen.has(`${toFileOffset(segment, start)}:${code}`),
    claim: (key) => !claimed.has(key) && claimed.add(key) !== undefined,
    add: (segment, finding) => {
      const { start, end, after, edits, changed } = finding
      const offset = toFileOffset(segment, start)
      // A body inside a string is judged as a body and as a part of the string.
      const key = `${offset}:${finding.code}`
      if (seen.has(key)) return
      seen.add(key)
      starts.add(offset)
      const shown = segment.source.text.slice(start, end)
      const [from, to] = changed ?? [start, end]
      const { line, column } = lines.locate(offset)
      findings.push({
        path,
        line,
        column,
        text: shown,
        model: finding.model,
        platform: finding.platform,
        class: finding.class,
        code: finding.code,
        severity: finding.severity,
        message: finding.message,
        edit:
          after === null
            ? null
            : { before: text.slice(toFileOffset(segment, from), toFileOffset(segment, to)), after },
        hint: finding.hint,
        link: getLink(finding.code),
        offset,
        edits: edits.flatMap((edit) => toFileEdits(text, segment, edit)),
      })
    },
    finish: () => findings.toSorted((one, other) => one.offset - other.offset),
  }
}

/** An edit that spans several strings of a notebook becomes one edit per string. */
function toFileEdits(whole: string, segment: Segment, { start, end, text }: TextEdit): readonly TextEdit[] {
  const { offsets } = segment
  if (offsets === null) return [{ start: segment.base + start, end: segment.base + end, text }]
  const edits: { start: number; end: number; text: string }[] = []
  let current: { start: number; end: number; text: string } | null = null
  for (let at = start; at < end; at += 1) {
    const [from, to] = [offsets[at] ?? 0, getEnd(segment, at)]
    if (current !== null && current.end === from) current.end = to
    else edits.push((current = { start: from, end: to, text: '' }))
  }
  const escaped = JSON.stringify(text).slice(1, -1)
  const [first] = edits
  if (first === undefined) return [{ start: offsets[start] ?? 0, end: offsets[start] ?? 0, text: escaped }]
  first.text = escaped
  return edits.map((edit) => (edit.text === '' ? removeString(whole, edit) : edit))
}

/** A string that becomes empty leaves the list with its comma. */
function removeString(whole: string, { start, end, text }: TextEdit): TextEdit {
  const comma = /^"\s*,\s*/.exec(whole.slice(end, end + 200))?.[0].length
  if (whole[start - 1] !== '"' || comma === undefined) return { start, end, text }
  return { start: start - 1, end: end + comma, text }
}

/** The end of one character, which an escape writes with several. */
function getEnd({ offsets, source }: Segment, at: number): number {
  const from = offsets?.[at] ?? 0
  const next = offsets?.[at + 1] ?? from + 1
  const char = source.text[at] ?? ''
  const length = char === '\n' || char === '"' || char === '\\' || char === '\t' || char === '\r' ? 2 : 1
  return next - from <= 6 && next - from >= length
    ? next - from > length
      ? from + length
      : next
    : from + length
}
