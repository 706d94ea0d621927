/** An object that an upstream stores for a key: a message batch or a file. */
export interface Resource {
  readonly id: string
  readonly kind: 'batch' | 'file'
  readonly key_id: string
  /** The account that stores it. */
  readonly upstream: string
  readonly created_at_ms: number
  /** The time at which all results of a batch were in the ledger, or no longer available; null before, and for files. */
  readonly settled_at_ms: number | null
  /** For a batch: the model names that the client used, with the ids of their models. */
  readonly models: Readonly<Record<string, string>>
  /** For a batch: the betas that were sent, because its price may depend on them. */
  readonly betas: readonly string[]
}

export type ResourceChange =
  | { readonly kind: 'created'; readonly resource: Resource }
  | { readonly kind: 'settled'; readonly id: string; readonly atMs: number }
  | { readonly kind: 'deleted'; readonly id: string }

export type ResourceQuery =
  | { readonly kind: 'with_ids'; readonly ids: readonly string[] }
  /** Newest first. */
  | { readonly kind: 'of_key'; readonly keyId: string; readonly resourceKind: Resource['kind'] }
  /** Unsettled batches, oldest first, after the one with the id `after`. */
  | { readonly kind: 'unsettled'; readonly after: string | null; readonly limit: number }
