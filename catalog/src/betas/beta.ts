import type { Platform } from '../model.ts'
import type { SourceKey } from '../sources.ts'

/** A value of `anthropic-beta`. */
export interface Beta {
  readonly value: string
  readonly enables: string
  /** The models it has an effect for; null: not tied to models, or not stated (see `scope`). */
  readonly models: readonly string[] | null
  readonly scope: string | null
  /** The day in its name, which is about when it came out. */
  readonly from: string
  /** Since then it is accepted and needed no more; null: it is still needed, as far as is known. */
  readonly generalSince: string | null
  /** Since then it is accepted and does nothing: the thing is over. */
  readonly endedOn: string | null
  /** The value of a newer version; this one still works, as far as is known. */
  readonly supersededBy: string | null
  /** Closed to all but chosen customers. */
  readonly byArrangement?: true
  readonly platforms: Readonly<Record<Platform, BetaForm>>
  /** What is uncertain about the row. */
  readonly uncertain: string | null
  readonly sources: readonly SourceKey[]
}

/** `true`: taken as it is; a text: taken under that name; `false`: refused or not offered; null: not known. */
export type BetaForm = boolean | string | null

/** Where a platform takes the values, and what it answers to one that it does not know. */
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

/** A row of the table: what it leaves out is not known, and the Claude API takes every value that it named. */
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
