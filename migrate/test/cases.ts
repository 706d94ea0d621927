import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/**
 * The cases of `test/corpus`: `<format>/<case>/` has the files of a small program, `expected.json` and `after/`. A new
 * case needs the files and an `expected.json` with its target; `ANTHOLOGY_WRITE_CASES=1 npx vitest run
 * migrate/test/cases.test.ts` adds the places and `after/`, which a person then reads and corrects.
 */
export const casesFolder = join(import.meta.dirname, 'corpus')

export interface Case {
  /** `<format>/<case>` */
  readonly name: string
  readonly folder: string
  /** Paths below the folder, and their texts. */
  readonly files: ReadonlyMap<string, string>
  readonly expected: Expected
}

export interface Expected {
  /** Set in the cases that `labels.ts` reads. */
  readonly labels?: 'independent'
  /** The target of the move. */
  readonly to: string
  /** The program of the case that is run against the emulator after the edits. */
  readonly run?: string
  readonly places: readonly ExpectedPlace[]
}

/** A place that must be found; any further finding except a note is a false positive. */
export interface ExpectedPlace {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly class: string
  readonly code: string
  readonly severity: string
  /** The text after the edit; null: the place must not be edited. */
  readonly after: string | null
}

/** The recorded cases; `labels.ts` reads those whose labels were written by hand. */
export function readCases(): readonly Case[] {
  return listCaseNames()
    .map(readCase)
    .filter(({ expected }) => expected.labels === undefined)
}

/** Names of all cases: `<format>/<case>`. */
export function listCaseNames(): readonly string[] {
  return readdirSync(casesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: format }) => readdirSync(join(casesFolder, format)).map((name) => `${format}/${name}`))
}

function readCase(name: string): Case {
  const folder = join(casesFolder, name)
  const files = new Map(
    listFiles(folder)
      .filter((path) => path !== 'expected.json' && !path.startsWith('after/'))
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected // Our own file.
  return { name, folder, files, expected }
}

export function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => relative('.', path).split(sep).join('/'))
    .sort()
}
