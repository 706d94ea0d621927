import type { Platform } from '../model.ts'
import type { SourceKey } from '../sources.ts'

/** A value of `anthropic-beta`. */
export interface Beta {
  readonly value: string
  readonly enables: string
  /** The models it affects; null: not tied to models, or not stated (see `scope`). */
  readonly models: readonly string[] | null
  readonly scope: string | null
  /** The date in the name, which is close to the release date. */
  readonly from: string
  /** From this day the value is accepted but no longer required; null: still required, as far as is known. */
  readonly generalSince: string | null
  /** From this day the value is accepted and has no effect, because the feature ended. */
  readonly endedOn: string | null
  /** The value of a newer version; this one still works, as far as is known. */
  readonly supersededBy: string | null
  /** Available to selected customers only. */
  readonly byArrangement?: true
  readonly platforms: Readonly<Record<Platform, BetaForm>>
  /** The uncertain facts of this row. */
  readonly uncertain: string | null
  readonly sources: readonly SourceKey[]
}

/**
 * `true`: accepted under the same name; a string: accepted under that name; `false`: rejected or not
 * offered; null: not known.
 */
export type BetaForm = boolean | string | null

/** How each platform accepts beta values, and how it responds to an unknown one. */
export const betaCarriers = {
  anthropic: { carrier: 'header', name: 'anthropic-beta', unknown: 'refused' },
  bedrock: { carrier: 'body', name: 'anthropic_beta', unknown: 'refused' },
  vertex: { carrier: 'header', name: 'anthropic-beta', unknown: 'refused' },
  foundry: { carrier: 'header', name: 'anthropic-beta', unknown: null },
} as const satisfies Record<
  Platform,
  { readonly carrier: 'header' | 'body'; readonly name: string; readonly unknown: 'refused' | null }
>

type BetaRow = Partial<Omit<Beta, 'value' | 'enables' | 'platforms' | 'sources'>> & {
  readonly on?: Partial<Record<Platform, BetaForm>>
  readonly sources: readonly SourceKey[]
}

/** Builds a row of the table: omitted facts are unknown, and the Claude API accepts every value it has announced. */
export function beta(value: string, enables: string, { on = {}, ...row }: BetaRow): Beta {
  return {
    value,
    enables,
    models: null,
    scope: null,
    from: value.slice(-10),
    generalSince: null,
    endedOn: null,
    supersededBy: null,
    uncertain: null,
    platforms: { anthropic: true, bedrock: null, vertex: null, foundry: null, ...on },
    ...row,
  }
}
