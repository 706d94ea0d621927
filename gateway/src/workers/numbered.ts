/** Questions that are under way, by the number under which their answer comes. */
export class Numbered<Answer> {
  #last = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()

  /** `ask` sends the question. */
  ask(ask: (number: number) => void): Promise<Answer> {
    const number = (this.#last += 1)
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(number, waiting)
    ask(number)
    return waiting.promise
  }

  answer(number: number, answer: Answer): void {
    this.#waiting.get(number)?.resolve(answer)
    this.#waiting.delete(number)
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
