import type { Platform } from '@anthology/catalog'

/** The kind of place in which something was found. */
export type PlaceClass =
  | 'call'
  | 'definition'
  | 'gate'
  | 'prices'
  | 'policy'
  | 'text'
  | 'test'
  | 'comment'
  | 'log'

/**
 * `breaks`: a request is refused. `changes`: an answer, a branch or a price changes without an error. `tune`: works, and
 * can be better. `note`: for information; it never fails a run.
 */
export type Severity = 'breaks' | 'changes' | 'tune' | 'note'

export const severities: readonly Severity[] = ['breaks', 'changes', 'tune', 'note']

/** One finding, as `--json` prints it. Lines and columns count from 1, columns in UTF-16 units. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly column: number
  /** As it stands in the file. */
  readonly text: string
  /** The catalog's id of the model; null: none, or not known. */
  readonly model: string | null
  readonly platform: Platform | null
  readonly class: PlaceClass
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** The change that `--write` makes; null: none. */
  readonly edit: { readonly before: string; readonly after: string } | null
  /** The remedy for what is not edited; null: none is needed. */
  readonly hint: string | null
  /** The page on which the finding rests. */
  readonly link: string | null
}

/** A replacement in a file, with UTF-16 offsets. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A finding with its offset and the replacements that `--write` makes. */
export interface JudgedFinding extends Finding {
  readonly offset: number
  readonly edits: readonly TextEdit[]
}
