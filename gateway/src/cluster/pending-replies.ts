/** Questions that are under way, by the number under which their answer comes. */
export class PendingReplies<Answer> {
  #last = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()

  /** `ask` sends the question; nobody waits for its answer for longer than `late` says. */
  request(
    ask: (number: number) => void,
    late?: { readonly afterMs: number; readonly resolve: Answer },
  ): Promise<Answer> {
    const number = (this.#last += 1)
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(number, waiting)
    ask(number)
    if (late !== undefined) setTimeout(() => this.resolve(number, late.resolve), late.afterMs).unref()
    return waiting.promise
  }

  resolve(number: number, resolve: Answer): void {
    this.#waiting.get(number)?.resolve(resolve)
    this.#waiting.delete(number)
  }

  /** Of whoever was asked no answer will come any more. */
  resolveAll(resolve: Answer): void {
    for (const number of this.#waiting.keys()) this.resolve(number, resolve)
  }

  reject(number: number, error: Error): void {
    this.#waiting.get(number)?.reject(error)
    this.#waiting.delete(number)
  }

  /** Resolves when nothing is under way any more; refused questions count as answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#waiting.values()].map(({ promise }) => promise))
  }
}
