import { RunningList } from './running-list.ts'

/** The running calls of each key, so that they can be cut when it is revoked. */
export class RunningCalls {
  readonly #byKey = new Map<string, RunningList<() => void>>()

  /** Returns a function that ends the registration. */
  add(keyId: string, cut: () => void): () => void {
    const known = this.#byKey.get(keyId)
    if (known !== undefined) return known.add(cut)
    const calls = new RunningList<() => void>()
    this.#byKey.set(keyId, calls)
    return calls.add(cut)
  }

  /** Cuts the calls of all keys but these. */
  cutOthers(validIds: ReadonlySet<string>): void {
    for (const [keyId, calls] of this.#byKey) {
      if (validIds.has(keyId)) continue
      this.#byKey.delete(keyId)
      for (const cut of calls) cut()
    }
  }
}
