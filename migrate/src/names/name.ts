import type { Model, RetiredId } from '@anthology/catalog'

/** How a name is written, which decides how its replacement is written. */
export type NameForm =
  /** A pinned id of the Claude API. */
  | 'id'
  /** A name that moves, such as `claude-sonnet-4-0` or `claude-3-7-sonnet-latest`. */
  | 'alias'
  | 'bedrock'
  /** The id on Bedrock's Messages endpoint: `anthropic.` without date and version. */
  | 'mantle'
  | 'vertex'
  /** `claude-3.7-sonnet`, as OpenRouter and Vercel write it. */
  | 'dotted'
  /** Without a date, and not an alias of the Claude API. */
  | 'undated'
  /** `Claude Sonnet 4`. */
  | 'display'
  /** A constant of an SDK, such as `ModelClaudeSonnet4_0`. */
  | 'constant'

/** A name of a model as it stands in a text. */
export interface Name {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly form: NameForm
  /** Null: retired before the catalog's models, ambiguous, or unknown. */
  readonly model: Model | null
  readonly retired: RetiredId | null
  /** The prefix of an inference profile. */
  readonly profile: string | null
  /** Why the name is not replaced although its model is known, in one sentence; null: it can be. */
  readonly fixed: string | null
  /** Ids that the author may have meant, for a name that no platform knows. */
  readonly suggestions: readonly string[]
  readonly known: boolean
}

/** The catalog's id of a name's model; null if it has none. */
export function getNamedId({ model, retired }: Name): string | null {
  return model?.id ?? retired?.id ?? null
}
