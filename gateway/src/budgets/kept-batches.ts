import type { Queries } from '../store/database.ts'
import type { BookedWindow } from './booked-window.ts'
import { readBatches, readSettled } from './batch-spend.ts'
import { readCalls } from './spend.ts'
import type { SpendRange, SpendSource } from './spend-query.ts'

interface KeptBatchesOptions {
  readonly queries: Queries
  readonly onError: (error: unknown) => void
}

/**
 * Lets the costs of settled batches take the place of the holds that windows of this server keep for them. The costs
 * come from the store, whichever server has read the results. Reads run one after another, so that no batch is counted
 * from a state that is older than the last one.
 */
export class KeptBatches {
  readonly #options: KeptBatchesOptions
  #last: Promise<void> = Promise.resolve()

  constructor(options: KeptBatchesOptions) {
    this.#options = options
  }

  /** Settles the batches of these windows that the store has as settled. Without unsettled batches it reads nothing. */
  settle(windows: readonly BookedWindow[]): Promise<void> {
    const keeping = windows.filter(({ window }) => window.hasKept)
    if (keeping.length === 0) return Promise.resolve()
    return this.#run(async () => {
      for (const { budget, window } of keeping)
        for (const [id, cost] of await readSettled(this.#options.queries, window.listKept(), budget.models))
          window.settleKept(id, cost)
    })
  }

  /** The rows and batches of a process that exited take the place of what it reported to a window. */
  replace(
    { budget, window }: BookedWindow,
    {
      worker,
      range,
      source,
    }: { readonly worker: number; readonly range: SpendRange; readonly source: SpendSource },
  ): Promise<void> {
    const { queries } = this.#options
    return this.#run(async () => {
      const slots = await readCalls(queries, budget, range, source)
      const unsettled = []
      for (const { id, slot, isSettled, holdNanoUsd, rowsNanoUsd } of await readBatches(
        queries,
        budget,
        range,
        source,
      ))
        if (isSettled) slots.set(slot, (slots.get(slot) ?? 0) + rowsNanoUsd)
        else unsettled.push([id, slot, holdNanoUsd] as const)
      window.replace(worker, slots, unsettled)
    })
  }

  /** Resolves when nothing is read any more. */
  async close(): Promise<void> {
    await this.#last
  }

  /** Runs a read after all earlier ones. */
  #run(read: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(read).catch((error: unknown) => this.#options.onError(error))
    return this.#last
  }
}
