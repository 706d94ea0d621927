/** An object that an upstream stores for a key: a message batch or a file. */
export interface Resource {
  readonly id: string
  /** `new_batch`: a batch that an upstream was asked for and whose id is not known; it holds money, and nobody can find it. */
  readonly kind: 'batch' | 'file' | 'new_batch'
  readonly key_id: string
  /** The owner of the key when the resource was created. Null in rows of older versions. */
  readonly workspace_id: string | null
  readonly member_id: string | null
  readonly labels: string | null
  /** The account that stores it. */
  readonly upstream: string
  readonly created_at_ms: number
  /** When all results of a batch were in the ledger, or were found to be no longer available; null until then, and for files. */
  readonly settled_at_ms: number | null
  /** For a batch: the ids of its models by the client's name for each, or by the id itself if there were several names. */
  readonly models: Readonly<Record<string, string>>
  /** For a batch: the betas of its request, which can affect its price. */
  readonly betas: readonly string[]
  /** For a batch: the money that is held until its results are in the ledger, in nano-dollars; null if no budget applies. */
  readonly hold_nano_usd: number | null
  /** The process that created it: its shares of budgets have the hold of a batch. Null in rows of older versions, and for files. */
  readonly process_id: string | null
}

export type ResourceChange =
  | { readonly kind: 'created'; readonly resource: Resource }
  | { readonly kind: 'settled'; readonly id: string; readonly atMs: number }
  /** A batch that held money stays as a row that nobody can find: the server with the hold learns from it that the batch is settled. */
  | { readonly kind: 'deleted'; readonly id: string }

export type ResourceQuery =
  | { readonly kind: 'with_ids'; readonly ids: readonly string[] }
  | ResourceListQuery
  /** Unsettled batches, oldest first, starting after the batch with the id `after`. */
  | { readonly kind: 'unsettled'; readonly after: string | null; readonly limit: number }

/** The key's resources of one kind, newest first, without `models` and `betas`: a list shows neither. */
export interface ResourceListQuery {
  readonly kind: 'of_key'
  readonly keyId: string
  readonly resourceKind: Resource['kind']
  readonly from: ListStart
  readonly limit: number
}

/**
 * The part of a list. A part at a cursor begins (`after`) or ends (`before`) with the resource of the cursor; it is
 * empty if the list does not have it.
 */
export type ListStart =
  | { readonly kind: 'newest' }
  | { readonly kind: 'after' | 'before'; readonly id: string }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
