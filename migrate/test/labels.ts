import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { casesFolder, listCaseNames, listFiles } from './cases.ts'

/**
 * The cases of `test/corpus` whose labels were written by hand from the published facts, without the tool. `README.md`
 * of that folder tells how, and how to add some.
 */
export interface LabelledCase {
  /** `<format>/<case>` */
  readonly name: string
  /** Paths below the folder of the case, and their texts. */
  readonly files: ReadonlyMap<string, string>
  /** The target of the move. */
  readonly to: string
  /** The program that is run against the emulator after the edits. */
  readonly run?: string
  /** The day of the emulator, `YYYY-MM-DD`, for a target that has retired since. */
  readonly asOf?: string
  readonly places: readonly Label[]
}

/** What is right for one piece of text in one line. */
export interface Label {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The last line of the place, where it has more than one. */
  readonly through?: number
  /** The piece, as it stands in the line. */
  readonly text: string
  readonly class: string
  /**
   * `edit`: found and edited; `finding`: found and left as it is; `none`: at most a note, and no edit; `optional`: the
   * facts do not decide whether it is reported.
   */
  readonly expect: 'edit' | 'finding' | 'none' | 'optional'
  /** The lines after the edit; null: they are gone. */
  readonly becomes?: string | null
  /** A line that the edit adds below the place. */
  readonly adds?: string
  /** The first and the last line below which `adds` may stand; default: the line of the place. */
  readonly within?: readonly [number, number]
  /** Other results that are as right. */
  readonly or?: readonly (string | null)[]
  /** The least severity that the facts call for. */
  readonly severity?: string
}

export function readLabelledCases(): readonly LabelledCase[] {
  return listCaseNames()
    .map(readCase)
    .filter((each) => each !== null)
}

function readCase(name: string): LabelledCase | null {
  const folder = join(casesFolder, name)
  const text = readFileSync(join(folder, 'expected.json'), 'utf8')
  const { labels, ...rest } = JSON.parse(text) as LabelledCase & { readonly labels?: string } // Our own file.
  if (labels !== 'independent') return null
  const paths = listFiles(folder).filter((path) => path !== 'expected.json')
  const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
  return { ...rest, name, files }
}
