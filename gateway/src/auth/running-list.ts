/**
 * A list of what is under way, from which anything is taken in constant time, in no particular order.
 *
 * A Set that gains and loses an entry with every call would do the same, but V8 links each table that a Set has outgrown
 * to the next one. One table that has become old keeps all later ones alive until the next full garbage collection, and
 * with them every call that they referred to.
 */
export class RunningList<T> implements Iterable<T> {
  readonly #entries: Entry<T>[] = []

  /** Returns a function that removes the value. */
  add(value: T): () => void {
    const entry = { value, at: this.#entries.length }
    this.#entries.push(entry)
    return () => this.#remove(entry)
  }

  /** Iterates over the values of this moment, which may be removed meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#entries.map(({ value }) => value).values()
  }

  #remove(entry: Entry<T>): void {
    if (this.#entries[entry.at] !== entry) return
    const last = this.#entries.pop()
    if (last === undefined || last === entry) return
    this.#entries[entry.at] = last
    last.at = entry.at
  }
}

/** A value and its place in the list. */
interface Entry<T> {
  readonly value: T
  at: number
}
