/** Questions that are under way, by the number under which their answer comes. */
export class PendingReplies<Answer> {
  #last = 0
  readonly #pending = new Map<number, PromiseWithResolvers<Answer>>()

  /** `ask` sends the question; nobody waits for its answer for longer than `late` says. */
  request(
    send: (number: number) => void,
    timeout?: { readonly afterMs: number; readonly resolve: Answer },
  ): Promise<Answer> {
    const number = (this.#last += 1)
    const reply = Promise.withResolvers<Answer>()
    this.#pending.set(number, reply)
    send(number)
    if (timeout !== undefined)
      setTimeout(() => this.resolve(number, timeout.resolve), timeout.afterMs).unref()
    return reply.promise
  }

  resolve(number: number, answer: Answer): void {
    this.#pending.get(number)?.resolve(answer)
    this.#pending.delete(number)
  }

  /** Of whoever was asked no answer will come any more. */
  resolveAll(answer: Answer): void {
    for (const number of this.#pending.keys()) this.resolve(number, answer)
  }

  reject(number: number, error: Error): void {
    this.#pending.get(number)?.reject(error)
    this.#pending.delete(number)
  }

  /** Resolves when nothing is under way any more; refused questions count as answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending.values()].map(({ promise }) => promise))
  }
}
