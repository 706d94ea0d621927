/** Requests without a reply yet, by the number that the reply will carry. */
export class PendingReplies<Answer> {
  #last = 0
  readonly #pending = new Map<number, PromiseWithResolvers<Answer>>()

  /** `send` sends the request; after `timeout.afterMs` it resolves to `timeout.resolve`. */
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

  /** The peer exited: resolves everything pending. */
  resolveAll(answer: Answer): void {
    for (const number of this.#pending.keys()) this.resolve(number, answer)
  }

  /** The peer exited: rejects everything pending. */
  rejectAll(error: Error): void {
    for (const number of this.#pending.keys()) this.reject(number, error)
  }

  reject(number: number, error: Error): void {
    this.#pending.get(number)?.reject(error)
    this.#pending.delete(number)
  }

  /** Resolves when every request that is pending now has been resolved or rejected. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending.values()].map(({ promise }) => promise))
  }
}
