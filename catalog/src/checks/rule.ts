import type { RequestFacts } from './request-facts.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import type { Model, Platform } from '../model.ts'

/** One thing that is refused; `test` returns the API's text, or null when the rule has nothing to say. */
export interface Rule {
  readonly code: string
  readonly path: string
  /** Where the rule and its text are from. */
  readonly source: string
  readonly hint: string
  /** The HTTP status and the wire's error type; a 400 unless told otherwise. */
  readonly refused?: { readonly status: number; readonly type: string }
  /** Worth saying, but served. */
  readonly served?: boolean | ((where: CheckContext) => boolean)
  /** The `error_code` that the API gives beside the text, from that day on. */
  readonly errorCode?: { readonly name: string; readonly since: string }
  test(facts: RequestFacts, model: Model, where: CheckContext): string | null
}

/** A rule on what the API looks at before it looks for the model. */
export type CallRule = Rule & {
  test(facts: RequestFacts, model: Model | null, where: CheckContext): string | null
}

/** When and where a request is sent. */
export interface CheckContext {
  /** The day whose facts hold for the model. */
  readonly day: string
  /** The day of the clock. */
  readonly today: string
  readonly lifecycle: LifecycleMode
  readonly unknownBetas: 'noticed' | 'refused'
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

/** The same for a `type`, without the list of the types that there are: it differs for every set of headers. */
export function unexpectedTag(path: string, tag: string): string {
  return `${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags`
}

/** The API version in which temperature, top_p and top_k are gone, and which older models on Bedrock do not take. */
export const versionOf2026 = '2026-10-21'

/** `4` is 400 and `4.7` is 407. The preview of Mythos came between the 4.6 models and Opus 4.7. */
function ordinal(generation: string): number {
  const known = ordinals.get(generation)
  if (known !== undefined) return known
  const [major, minor] = generation.split('.')
  const read = Number(major) * 100 + Number(minor ?? 0)
  ordinals.set(generation, read)
  return read
}

/** There are few generations, and every call asks for some of them. */
const ordinals = new Map([['preview', 406]])
