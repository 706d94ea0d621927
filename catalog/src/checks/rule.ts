import type { RequestFacts } from './request-facts.ts'
import type { Model, Platform } from '../model.ts'

/** One thing that is refused; `test` returns the API's text, or null when the rule has nothing to say. */
export type Rule = {
  readonly code: string
  readonly path: string
  /** Where the rule and its text are from. */
  readonly source: string
  readonly hint: string
  /** The HTTP status and the wire's error type; a 400 unless told otherwise. */
  readonly refused?: { readonly status: number; readonly type: string }
  /** Worth saying, but served. */
  readonly served?: boolean
  test(facts: RequestFacts, model: Model, where: CheckContext): string | null
}

/** When and where a request is sent. */
export type CheckContext = {
  readonly day: string
  readonly platform: Platform
  /** False where nobody said and the Claude API is assumed: rules about headers then say nothing. */
  readonly platformNamed: boolean
}

/** True for a model of that generation or a later one, e.g. `4.7`. */
export function isFrom(model: Model, generation: string): boolean {
  return ordinal(model.generation) >= ordinal(generation)
}

/** True for a value that is known to be missing from the betas; false where the betas are not known. */
export function isWithout({ betas }: RequestFacts, ...values: readonly string[]): boolean {
  return betas !== undefined && !betas.some((beta) => values.includes(beta))
}

/** How the API refuses a member that its schema does not have, or does not have without a header. */
export function extraInput(path: string): string {
  return `${path}: Extra inputs are not permitted`
}

/** `4` is 400 and `4.7` is 407. The preview of Mythos came between the 4.6 models and Opus 4.7. */
function ordinal(generation: string): number {
  if (generation === 'preview') return 406
  const [major, minor] = generation.split('.')
  return Number(major) * 100 + Number(minor ?? 0)
}
