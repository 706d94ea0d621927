import type { Random } from '../random.ts'
import type { HintPicker } from './hint-picker.ts'
import type { Schema } from './json-schema.ts'

/** The state of generating one input. */
export interface GenerateState {
  readonly root: Schema
  readonly hints: HintPicker
  readonly random: Random
  /** The question in lower case, to find the enum values that it mentions. */
  readonly question: string
  /** Generates a sentence for a property without a hint in the question. */
  readonly sentence: (name: string) => string
  /** The remaining number of values, because a client's schema controls how many there are. */
  readonly left: { values: number }
}
