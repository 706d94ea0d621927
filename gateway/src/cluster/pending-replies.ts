/** Questions that are under way, by the number under which their answer comes. */
export class Numbered<Answer> {
  #last = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()

  /** `ask` sends the question; nobody waits for its answer for longer than `late` says. */
  ask(
    ask: (number: number) => void,
    late?: { readonly afterMs: number; readonly answer: Answer },
  ): Promise<Answer> {
    const number = (this.#last += 1)
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(number, waiting)
    ask(number)
    if (late !== undefined) setTimeout(() => this.answer(number, late.answer), late.afterMs).unref()
    return waiting.promise
  }

  answer(number: number, answer: Answer): void {
    this.#waiting.get(number)?.resolve(answer)
    this.#waiting.delete(number)
  }

  /** Of whoever was asked no answer will come any more. */
  answerAll(answer: Answer): void {
    for (const number of this.#waiting.keys()) this.answer(number, answer)
  }

  refuse(number: number, error: Error): void {
    this.#waiting.get(number)?.reject(error)
    this.#waiting.delete(number)
  }

  /** Resolves when nothing is under way any more; refused questions count as answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#waiting.values()].map(({ promise }) => promise))
  }
}
