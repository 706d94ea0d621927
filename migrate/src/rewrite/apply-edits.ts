import { MagicString } from 'magic-string'

import type { JudgedFinding, TextEdit } from '../finding.ts'

/** Applies the edits of findings to a text. An edit that overlaps an earlier one is left out. */
export function applyEdits(text: string, findings: readonly Pick<JudgedFinding, 'edits'>[]): string {
  const edits = findings
    .flatMap((finding) => finding.edits)
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
  if (edits.length === 0) return text
  const changed = new MagicString(text)
  const write = text.includes('\r\n')
    ? (each: string) => each.replaceAll(/\r?\n/g, '\r\n')
    : (each: string) => each
  let end = 0
  const seen = new Set<string>()
  for (const edit of edits) {
    if (edit.start < end || isRepeated(seen, edit)) continue
    if (edit.start === edit.end) changed.appendLeft(edit.start, write(edit.text))
    else if (edit.text === '') changed.remove(edit.start, edit.end)
    else changed.overwrite(edit.start, edit.end, write(edit.text))
    end = edit.end
  }
  return changed.toString()
}

function isRepeated(seen: Set<string>, { start, end, text }: TextEdit): boolean {
  const key = `${start}:${end}:${text}`
  if (seen.has(key)) return true
  seen.add(key)
  return false
}
