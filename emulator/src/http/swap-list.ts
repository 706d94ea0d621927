/**
 * Things that come and go with each call, in no order. Not a `Set`: V8 gives one in which things come and go new tables
 * all the time, and an old table that has lived long enough keeps the next one and all in it until the whole heap is
 * collected. After a burst of a thousand streams that made a plain answer dearer by half.
 */
export interface SwapList<Item> {
  /** Gives what takes it out again, to be called once. */
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
        // The last one takes the place that is free.
        const last = places.pop()
        if (!last || last === place) return
        last.at = place.at
        places[last.at] = last
      }
    },
    items: () => places.map(({ item }) => item),
  }
}
