import type { Random } from '../random.ts'
import type { HintPicker } from './hint-picker.ts'
import type { Schema } from './json-schema.ts'

/** What values are made from. */
export interface GenerateState {
  readonly root: Schema
  readonly hints: HintPicker
  readonly random: Random
  /** The words of the user, in lower case, for telling which of an enum's values were asked for. */
  readonly question: string
  /** Makes a sentence for a property that the question has nothing for. */
  readonly sentence: (name: string) => string
  /** Counts down with each value: a schema decides how many there are. */
  readonly left: { values: number }
}
