/**
 * An unordered collection for items that are added and removed with each call. A `Set` is not used: V8 keeps allocating
 * new tables for it, and a table that has reached the old generation retains its successor and all items until a full
 * collection. After a burst of a thousand streams that made a plain response 50 % more expensive.
 */
export interface SwapList<Item> {
  /** Returns a function that removes the item, to be called once. */
  add(item: Item): () => void
  items(): readonly Item[]
}

export function createSwapList<Item>(): SwapList<Item> {
  const places: { readonly item: Item; at: number }[] = []
  return {
    add: (item) => {
      const place = { item, at: places.length }
      places.push(place)
      return () => {
        // The last item moves to the free slot.
        const last = places.pop()
        if (!last || last === place) return
        last.at = place.at
        places[last.at] = last
      }
    },
    items: () => places.map(({ item }) => item),
  }
}
