/** What an upstream keeps for a key: a message batch or a file. */
export interface Resource {
  readonly id: string
  readonly kind: 'batch' | 'file'
  readonly key_id: string
  /** The account that has it. */
  readonly upstream: string
  readonly created_at_ms: number
  /** When a batch's results were all in the ledger, or it was found to have none any more; null until then, and for files. */
  readonly settled_at_ms: number | null
  /** Of a batch: the names that the client used, with the ids of the models they meant. */
  readonly models: Readonly<Record<string, string>>
  /** Of a batch: the betas that were sent, which its price may depend on. */
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
  /** Batches that are not settled, oldest first, behind the one with the id `after`. */
  | { readonly kind: 'unsettled'; readonly after: string | null; readonly limit: number }
