import type { Finding, JudgedFinding } from './finding.ts'
import { judgeFile } from './judge/judge-file.ts'
import { mayMention, scanFile } from './find/scan-file.ts'
import { dropIgnored } from './judge/suppress.ts'
import type { Move } from './move.ts'
import { noProgram } from './program.ts'
import type { Program } from './program.ts'
import { applyEdits } from './rewrite/apply-edits.ts'

export interface MigratedText {
  readonly findings: readonly JudgedFinding[]
  /** The text after all edits; the same text if there are none. */
  readonly text: string
}

/**
 * Judges one file and applies the edits that are certain. The path decides the language and the class of the file; nothing
 * is read from disk. A file that mentions no model has no findings, unless it takes one from another file of the program.
 * Never throws for any text.
 */
export function migrateText(
  path: string,
  text: string,
  move: Move,
  program: Program = noProgram,
): MigratedText {
  if (!mayMention(text) && !program.importsModel(path)) return { findings: [], text }
  const file = scanFile(path, text)
  if (file === null) return { findings: [], text }
  const findings = dropIgnored(text, judgeFile(file, move, program), move.day)
  return { findings, text: applyEdits(text, findings) }
}

/** A finding as `--json` prints it. */
export function toPublicFinding(judged: JudgedFinding): Finding {
  const {
    path,
    line,
    column,
    text,
    model,
    platform,
    class: placeClass,
    code,
    severity,
    message,
    edit,
    hint,
    link,
  } = judged
  return {
    path,
    line,
    column,
    text,
    model,
    platform,
    class: placeClass,
    code,
    severity,
    message,
    edit,
    hint,
    link,
  }
}
