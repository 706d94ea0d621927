import type { Share } from './share-table.ts'

/**
 * The servers that did not answer a wish in time, because they were killed or are too busy. Nobody waits for one again
 * until it has answered a later wish.
 */
export class SilentServers {
  /** The last wish that a server had answered, by window and holder. */
  readonly #lastAnswers = new Map<string, number>()

  /** True as long as a server may still give back a part of its share. */
  isAwaited(name: string, shares: ReadonlyMap<string, Share>, wish: number): boolean {
    for (const [holder, { answeredWish }] of shares)
      if (answeredWish < wish && this.#lastAnswers.get(`${name} ${holder}`) !== answeredWish) return true
    return false
  }

  /** Notes the servers that have not answered a wish. */
  note(name: string, shares: ReadonlyMap<string, Share>, wish: number): void {
    for (const [holder, { answeredWish }] of shares)
      if (answeredWish < wish) this.#lastAnswers.set(`${name} ${holder}`, answeredWish)
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    for (const place of this.#lastAnswers.keys())
      if (!names.has(place.slice(0, place.lastIndexOf(' ')))) this.#lastAnswers.delete(place)
  }
}
