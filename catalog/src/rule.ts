import type { RequestFacts } from './check.ts'
import type { Model } from './model.ts'

/** One thing the API refuses with a 400; `test` returns the API's text, or null when the rule has nothing to say. */
export type Rule = {
  readonly code: string
  readonly path: string
  /** Where the rule and its text are from. */
  readonly source: string
  readonly hint: string
  test(facts: RequestFacts, model: Model, day: string): string | null
}
