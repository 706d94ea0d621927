/** A page of a list of the admin API. `next` is the `after` of the next page; null: there is none. */
export interface ListPage<Item> {
  readonly data: readonly Item[]
  readonly next: string | null
}
