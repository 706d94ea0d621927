import type { RequestFacts } from './request-facts.ts'
import type { LifecycleMode } from '../lifecycle/lifecycle.ts'
import type { FoundryHosting, Model, Platform } from '../model.ts'

/** A reason to reject a request; `test` returns the API's text, or null if the rule does not apply. */
export interface Rule {
  readonly code: string
  readonly path: string
  /** The source of the rule and its text. */
  readonly source: string
  readonly hint: string
  /** The HTTP status and the error type on the wire; default 400. */
  readonly refused?: { readonly status: number; readonly type: string }
  /** The request is served; the finding is a notice. */
  readonly served?: boolean | ((where: CheckContext) => boolean)
  /** The `error_code` that the API sends with the text since that day. */
  readonly errorCode?: { readonly name: string; readonly since: string }
  test(facts: RequestFacts, model: Model, where: CheckContext): string | null
}

/** A rule about something the API checks before it looks up the model. */
export type CallRule = Rule & {
  test(facts: RequestFacts, model: Model | null, where: CheckContext): string | null
}

/** The date and destination of a request. */
export interface CheckContext {
  /** The day whose facts apply to the model. */
  readonly day: string
  /** The current day. */
  readonly today: string
  readonly lifecycle: LifecycleMode
  readonly unknownBetas: 'noticed' | 'refused'
  readonly platform: Platform
  /** Set only on Foundry, and only if it is known. */
  readonly hosting: FoundryHosting | undefined
  /** False if no platform was given and the Claude API is assumed; rules about headers then report nothing. */
  readonly platformNamed: boolean
}

/** True for a model of that generation or a later one, e.g. `4.7`. */
export function isFrom(model: Model, generation: string): boolean {
  return ordinal(model.generation) >= ordinal(generation)
}

/** True if the betas are known and include none of the values. */
export function isWithout({ betas }: RequestFacts, ...values: readonly string[]): boolean {
  return betas !== undefined && !betas.some((beta) => values.includes(beta))
}

/** The API's text for a member that its schema does not have, or has only with a header. */
export function extraInput(path: string): string {
  return `${path}: Extra inputs are not permitted`
}

/** The same for a `type`, without the list of valid types, which differs with every set of headers. */
export function unexpectedTag(path: string, tag: string): string {
  return `${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags`
}

/** The API version that removed temperature, top_p and top_k. Older models on Bedrock do not accept it. */
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

/** Cached: there are few generations, and every call compares some of them. */
const ordinals = new Map([['preview', 406]])
